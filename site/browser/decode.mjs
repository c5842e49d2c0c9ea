// The decode page: every documented sample is read as what it is, and rubbish is told from it.

import {PAGES, goto} from './pages.mjs';
import {ensure, visit} from './browser.mjs';

export const DECODE = PAGES.find(({name}) => name === 'decode');

// What cannot be read is refused by the server, and so it should.
const refusable = {mayRefuse: url => new URL(url).pathname.endsWith('/decode')};

export const check = async (report, browser, base) => {
  const samples = await report.check('there are documented samples', () =>
    visit(browser, async page => {
      await goto(page, base, DECODE);
      const samples = await page.evaluate(() => window.enroll.samples);
      ensure(samples.length > 0, 'there is none');
      return samples;
    }));
  await visit(browser, async page => {
    await goto(page, base, DECODE);
    for (const [index, sample] of (samples ?? []).entries()) {
      await checkSample(report, page, sample, index);
    }
  }, refusable);
  for (const [name, text] of RUBBISH) {
    await report.check(`decoding ${name}`, () => visit(browser, page => rubbish(page, base, text), refusable));
  }
  await report.check('decoding what is guessed', () => visit(browser, page => guessed(page, base, samples[0])));
};

/** The documented sample at this place of the list is read as what it is. */
export const checkSample = (report, page, sample, index) => {
  const name = `${sample.provider} ${sample.operation} ${sample.status} ${sample.name}`;
  return report.check(`decoding ${name}`, () => documented(page, sample, index));
};

/** Waits for the reading that follows an action. */
const read = async (page, action) => {
  const before = await page.evaluate(() => (document.getElementById('announcement').textContent = ''));
  await action();
  await page.waitForFunction(
    before => document.getElementById('announcement').textContent !== before,
    before,
  );
  return page.locator('#announcement').textContent();
};

const textOf = ({body}) => (typeof body === 'string' ? body : JSON.stringify(body, null, 2));

const documented = async (page, sample, index) => {
  await page.locator('#sample').selectOption(String(index));
  const inserted = await page.locator('#body').inputValue();
  ensure(inserted === textOf(sample), `inserted is ${inserted.slice(0, 60)}`);
  const said = await read(page, () => page.locator('#body').press('Control+Enter'));
  const verdict = await page.locator('#verdict').textContent();
  const shown = await page.locator('#reading p').first().textContent();
  ensure(shown.includes(`${sample.provider} ${sample.operation}`), `it is read as ${shown}`);
  const wanted = sample.verdict ?? (/^[45]|default/i.test(String(sample.status)) ? 'failure' : 'success');
  ensure(verdict === wanted, `it is called ${verdict} instead of ${wanted}: ${said}`);
  const next = await page.locator('.consequences dd').first().textContent();
  ensure(next.length > 10, 'it is not said what to do');
};

const RUBBISH = [
  ['what is no JSON', 'this is not JSON {'],
  ['an array of nothing', '[[], null, 5]'],
  ['markup', '{"<img src=x onerror=alert(1)>": "<script>alert(1)</script>"}'],
  ['what is nested very deep', '['.repeat(5000)],
];

const rubbish = async (page, base, text) => {
  await goto(page, base, DECODE);
  await page.locator('#body').fill(text);
  const said = await read(page, () => page.getByRole('button', {name: 'Decode'}).click());
  ensure(said.length > 20 && !said.includes('undefined'), `it is only said: ${said}`);
  ensure(!said.includes('a success'), `it is taken for a success: ${said}`);
  ensure((await page.locator('#reading img, #reading script').count()) === 0, 'markup was taken for markup');
};

/** Left to guess, the page finds whose answer it is. */
const guessed = async (page, base, sample) => {
  await goto(page, base, DECODE);
  await page.locator('#body').fill(textOf(sample));
  await read(page, () => page.locator('#body').press('Control+Enter'));
  const shown = await page.locator('#reading p').first().textContent();
  ensure(shown.includes(sample.provider), `the answer of ${sample.provider} is taken for ${shown}`);
};
