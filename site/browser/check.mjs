// Looks at the documentation site in a browser. README.md says what is looked at; `cargo xtask docs --check` calls this.

import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';

import {start} from './browser.mjs';
import * as decode from './decode.mjs';
import * as figures from './figures.mjs';
import {leaks} from './network.mjs';
import * as pages from './pages.mjs';
import * as reference from './reference.mjs';
import {Report} from './report.mjs';
import * as selfTest from './self-test.mjs';

const {values: options} = parseArgs({
  options: {
    browser: {type: 'string'},
    // Where the site is served, or the folder as a `file:` address; both end in a slash.
    base: {type: 'string'},
    'self-test': {type: 'boolean'},
    // Only what these name: the figures, the pictures.
    figures: {type: 'string'},
    screenshots: {type: 'string'},
  },
});

const look = async (report, browser, base) => {
  const all = await reference.operations(browser, base);
  if (all.length === 0) throw new Error('the documents have no operation');
  if (base.startsWith('file:')) {
    await report.group('the folder, without a server', async () => {
      await pages.checkFolder(report, browser, base);
      await reference.check(report, browser, all);
      const last = new Map(all.map(operation => [operation.provider, operation]));
      for (const operation of last.values()) await reference.checkShown(report, browser, operation);
    });
    return;
  }
  if (options.figures) return figures.measure(browser, base, options.figures);
  if (options.screenshots) return figures.screenshots(browser, base, options.screenshots, all);
  await selfTest.expectations(browser, base, all);
  await report.group('the pages', () => pages.check(report, browser, base));
  await report.group('the reference', () => reference.check(report, browser, all));
  await report.group('every operation, and its requests', () => reference.checkAll(report, browser, base, all));
  await report.group('decoding', () => decode.check(report, browser, base));
};

const main = async () => {
  if (options['self-test']) return selfTest.run(options.browser);
  const folder = mkdtempSync(join(tmpdir(), 'enroll-site-'));
  const report = new Report();
  try {
    const netLog = join(folder, 'net.json');
    const browser = await start(options.browser, netLog);
    try {
      await look(report, browser, options.base);
    } finally {
      // The log is whole when the browser has ended.
      await browser.close();
    }
    await report.group("the browser's log of the network", () =>
      report.check('nothing leaves loopback', () => {
        const log = leaks(netLog);
        if (log.leaks.length > 0) throw new Error(log.leaks.join('; '));
      }));
  } finally {
    rmSync(folder, {recursive: true});
  }
  if (report.findings.length > 0) throw new Error(`${report.findings.length} checks failed`);
};

try {
  await main();
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
