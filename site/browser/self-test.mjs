// Shows that each kind of check can fail: pages with one fault each, which must be found.

import {mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {ensure, start, visit} from './browser.mjs';
import * as decode from './decode.mjs';
import {leaks} from './network.mjs';
import {checkPage, goto} from './pages.mjs';
import * as reference from './reference.mjs';
import {Report} from './report.mjs';

const page = (body, head = '') =>
  `<!doctype html><html lang="en"><head><title>x</title><link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`;

/** A page without any fault, as far as these checks look. */
const RIGHT = page(`<a class="skip" href="#m">skip</a><header class="bar"><a class="brand" href="#m">x</a>
  <nav><a href="#m">y</a></nav><button class="theme">z</button></header><main id="m"><div class="prose"><h1>First</h1><h2>Second</h2></div></main>`);

/** Each faulty page, and the words by which the fault is told. */
const FAULTS = [
  ['a page that asks another host', RIGHT.replace('</main>', '</main><script>fetch("http://elsewhere.example/")</script>'), 'elsewhere.example'],
  ['a page that complains', RIGHT.replace('</main>', '</main><script>console.error("ouch")</script>'), 'a console error: ouch'],
  ['a page that fails', RIGHT.replace('</main>', '</main><script>throw new Error("ouch")</script>'), 'an exception: ouch'],
  ['a page without a part', RIGHT.replace('</main>', '</main><script src="missing.js"></script>'), 'missing.js'],
  ['a page that is not drawn', RIGHT.replace('<h2>Second</h2>', ''), 'Timeout'],
  ['a field without a name', RIGHT.replace('</main>', '<input></main>'), 'label'],
  ['grey words on grey', RIGHT.replace('<h2>', '<h2 style="color:#999;background:#888">'), 'color-contrast'],
  ['a page that is too wide', RIGHT.replace('<h2>', '<h2 style="width:900px">'), 'pixels wide'],
  ['a button that keys do not reach', RIGHT.replace('<button class', '<button tabindex="-1" class'), '.theme'],
];

/** Fails unless the right page passes and each fault is found. */
export const run = async executablePath => {
  const folder = mkdtempSync(join(tmpdir(), 'enroll-site-'));
  const netLog = join(folder, 'net.json');
  let shown = RIGHT;
  const server = createServer((request, response) => {
    const isPage = request.url === '/page';
    response.writeHead(isPage ? 200 : 404, {'content-type': 'text/html'});
    response.end(isPage ? shown : '');
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${server.address().port}/`;
  try {
    const browser = await start(executablePath, netLog);
    try {
      ensure((await findings(browser, base)).length === 0, 'the page without a fault is refused');
      for (const [name, fault, words] of FAULTS) {
        shown = fault;
        const found = (await findings(browser, base)).join('; ');
        ensure(found.includes(words), `${name} passes; found was: ${found || 'nothing'}`);
      }
    } finally {
      await browser.close();
    }
    const log = leaks(netLog).leaks.join('; ');
    ensure(/^a request to \S*elsewhere\.example\S*$/.test(log), `the network's log tells: ${log || 'nothing'}`);
  } finally {
    server.close();
    rmSync(folder, {recursive: true});
  }
  console.log(`the checks find each of ${FAULTS.length + 1} faults`);
};

const findings = async (browser, base) => {
  const report = new Report({quiet: true});
  const it = {name: 'changelog', path: 'page', drawn: '.prose h2', axe: 'body'};
  // What is not there is not there after a second either.
  await checkPage(report, browser, base, it, {patience: 1000});
  return report.findings;
};

/** On the site itself: what is expected has one fault each time, which must be found. */
export const expectations = async (browser, base, [operation]) => {
  const sandbox = (await reference.sandboxes(base))[operation.provider];
  const wrong = [
    [{link: undefined}, 'has no link'],
    [{path: '/nowhere'}, '/nowhere'],
    [{sample: 'nothing()'}, 'the sample shown'],
    [{facts: [...operation.facts, 'Nowhere']}, 'Nowhere'],
  ];
  for (const [fault, words] of wrong) {
    await finds(words, report => reference.checkShown(report, browser, {...operation, ...fault}));
  }
  const broken = {status: 500, body: '{}', headers: {'access-control-allow-origin': '*'}};
  const prepare = page => page.route(`${sandbox.base_url}/**`, route => route.fulfill(broken));
  await finds('the answer is 500', report => reference.checkSent(report, browser, operation, sandbox, {prepare}));
  await visit(browser, async page => {
    await goto(page, base, decode.DECODE);
    const sample = await page.evaluate(() => window.enroll.samples[0]);
    await finds('it is read as', report => decode.checkSample(report, page, {...sample, operation: 'nothing'}, 0));
    await finds('it is called', report => decode.checkSample(report, page, {...sample, verdict: 'unreadable'}, 0));
  });
  console.log(`the checks find each of ${wrong.length + 3} faults in what is expected`);
};

const finds = async (words, action) => {
  const report = new Report({quiet: true});
  await action(report);
  const found = report.findings.join('; ');
  ensure(found.includes(words), `a fault passes: no finding says \`${words}\`, but: ${found || 'nothing'}`);
};
