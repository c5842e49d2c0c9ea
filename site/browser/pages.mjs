// Our own pages: they render, say what they are for, and can be used by everybody.

import axe from 'axe-core';

import {PHONE, ensure, visit} from './browser.mjs';

/** Each page, the element by which it is known to be drawn, and whether axe looks at all of it or at our part. */
export const PAGES = [
  {name: 'home', path: 'index.html', drawn: '.matrix tbody tr', axe: 'body'},
  {name: 'decode', path: 'decode/index.html', drawn: ':root[data-ready] #payload', axe: 'body'},
  {name: 'changelog', path: 'changelog/index.html', drawn: '.prose h2', axe: 'body'},
  {name: 'rustdoc', path: 'rustdoc/index.html', drawn: '.crates dt a', axe: 'body'},
  // What Scalar draws is not ours to correct; the bar above it is.
  {name: 'reference', path: 'reference/index.html', drawn: '#reference section', axe: '.bar'},
];

export const goto = async (page, base, {path, drawn}) => {
  await page.goto(base + path);
  await page.locator(drawn).first().waitFor();
};

export const check = async (report, browser, base) => {
  for (const it of PAGES) await checkPage(report, browser, base, it);
  await report.check('rustdoc of every crate renders', () => visit(browser, page => rustdoc(page, base)));
  await report.check('the colours are remembered', () => visit(browser, page => colours(page, base)));
  await report.check('every link of the home page leads somewhere', () => visit(browser, page => links(page, base)));
};

/** What holds for each page. */
export const checkPage = async (report, browser, base, it, options = {}) => {
  await report.check(`${it.name} renders`, () =>
    visit(browser, async page => {
      await goto(page, base, it);
      await report.check(`${it.name} by keyboard`, () => keyboard(page, it));
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({colorScheme});
        await report.check(`${it.name} by axe-core, ${colorScheme}`, () => accessible(page, it));
      }
    }, options));
  await report.check(`${it.name} on a phone`, () =>
    visit(browser, page => narrow(page, base, it), {...options, viewport: PHONE}));
};

/** Without a server there is nothing to call: only that all pages are drawn, and say so. */
export const checkFolder = async (report, browser, base) => {
  for (const it of PAGES) {
    await report.check(`${it.name} renders from a folder`, () => visit(browser, page => goto(page, base, it)));
  }
  for (const it of PAGES.filter(({name}) => ['decode', 'reference'].includes(name))) {
    await report.check(`${it.name} says what a folder lacks`, () =>
      visit(browser, async page => {
        await goto(page, base, it);
        await page.locator('#static', {hasText: 'cargo xtask docs'}).waitFor();
      }));
  }
};

const accessible = async (page, it) => {
  await page.evaluate(axe.source);
  const {violations} = await page.evaluate(selector => window.axe.run(selector, {resultTypes: ['violations']}), it.axe);
  const grave = violations.filter(({impact}) => ['serious', 'critical'].includes(impact));
  const told = grave.map(({id, help, nodes}) => `${id}, ${help}: ${nodes.map(({target}) => target).join(' ')}`);
  ensure(told.length === 0, told.join('; '));
};

const narrow = async (page, base, it) => {
  await goto(page, base, it);
  const [wanted, given] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  ensure(wanted <= given, `the page is ${wanted} pixels wide where there are ${given}`);
};

/** From the top, Tab comes to the skip link, to the bar, and to whatever the page is for. */
const keyboard = async (page, it) => {
  const reached = [];
  // The bar has six stops, and the longest page some dozens before the last of these.
  const wanted = ['.skip', '.brand', '.bar nav a', '.theme', ...(CONTROLS[it.name] ?? [])];
  for (let stop = 0; stop < 90 && reached.length < wanted.length; stop += 1) {
    await page.keyboard.press('Tab');
    const now = await page.evaluate(
      selectors => selectors.filter(selector => document.activeElement?.matches(selector)),
      wanted,
    );
    reached.push(...now.filter(selector => !reached.includes(selector)));
    if (stop === 0) {
      const [left] = await page.evaluate(() => [document.activeElement.getBoundingClientRect().left]);
      ensure(left >= 0, 'the skip link is not seen when it has the focus');
    }
  }
  const missed = wanted.filter(selector => !reached.includes(selector));
  ensure(missed.length === 0, `Tab does not come to ${missed.join(', ')}`);
};

const CONTROLS = {
  home: ['[data-copy]', '.scroll', '.matrix a', 'summary', '.links a'],
  decode: ['#sample', '#body', '#provider', '#operation', '#status', '#decode'],
  rustdoc: ['.crates a'],
};

const rustdoc = async (page, base) => {
  await goto(page, base, PAGES.find(({name}) => name === 'rustdoc'));
  const crates = await page.locator('.crates a').evaluateAll(links => links.map(link => link.href));
  ensure(crates.length > 0, 'no crate is listed');
  for (const crate of crates) {
    await page.goto(crate);
    await page.locator('main h1').first().waitFor();
  }
};

const colours = async (page, base) => {
  const [home, reference] = ['home', 'reference'].map(name => PAGES.find(it => it.name === name));
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await goto(page, base, home);
  const light = await paper();
  await page.locator('#theme').click();
  await page.locator('#theme').click();
  await page.locator(':root[data-theme=dark]').waitFor();
  ensure((await paper()) !== light, 'the page looks the same in light and dark');
  await goto(page, base, reference);
  await page.locator('body.dark-mode').waitFor();
};

const links = async (page, base) => {
  await goto(page, base, PAGES.find(({name}) => name === 'home'));
  const targets = await page.locator('a[href]').evaluateAll(found => found.map(link => link.href));
  const pages = [...new Set(targets.map(target => target.split('#')[0]))];
  for (const target of pages) {
    ensure(target.startsWith(base), `${target} is elsewhere`);
    const {status} = await page.evaluate(async url => ({status: (await fetch(url)).status}), target);
    ensure(status === 200, `${target} answers ${status}`);
  }
};
