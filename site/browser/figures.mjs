// How fast and how heavy the pages are, and what they look like.

import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {gzipSync} from 'node:zlib';

import {ensure, visit} from './browser.mjs';
import {PAGES, goto} from './pages.mjs';
import {section} from './reference.mjs';

/** So often is each page opened; the middle one counts. */
const ROUNDS = 7;

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Writes for each page the medians of its first contentful paint and of when it was drawn, and how much came. */
export const measure = async (browser, base, file) => {
  const figures = {};
  for (const it of PAGES) {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // A profile of its own, so that nothing is in a cache.
      rounds.push(await visit(browser, page => once(page, base, it)));
    }
    figures[it.name] = {
      first_contentful_paint_ms: Math.round(median(rounds.map(({paint}) => paint))),
      drawn_ms: Math.round(median(rounds.map(({drawn}) => drawn))),
      ...(await sizes(rounds[0].parts)),
    };
  }
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
};

const once = async (page, base, it) => {
  await goto(page, base, it);
  return page.evaluate(
    () =>
      new Promise(resolve => {
        const drawn = performance.now();
        const parts = ['navigation', 'resource'].flatMap(type => performance.getEntriesByType(type)).map(({name}) => name);
        new PerformanceObserver(list => {
          const paint = list.getEntriesByName('first-contentful-paint')[0];
          if (paint) resolve({paint: paint.startTime, drawn, parts});
        }).observe({type: 'paint', buffered: true});
      }),
  );
};

/** How many bytes a page and all its parts have, as they are and compressed. */
const sizes = async parts => {
  const urls = [...new Set(parts.map(part => part.split('#')[0]).filter(part => part.startsWith('http')))];
  const bodies = await Promise.all(urls.map(async url => Buffer.from(await (await fetch(url)).arrayBuffer())));
  const sum = measure => bodies.reduce((total, body) => total + measure(body), 0);
  return {bytes: sum(body => body.length), gzip_bytes: sum(body => gzipSync(body).length)};
};

/** So large may a picture in the repository be. */
const LARGEST = 120 * 1024;

export const screenshots = async (browser, base, folder, all) => {
  mkdirSync(folder, {recursive: true});
  const [home, decode] = ['home', 'decode'].map(name => PAGES.find(it => it.name === name));
  const operation = all.find(({id}) => id === 'createUser');
  const shoot = async (page, name) => {
    const picture = await page.screenshot({animations: 'disabled', caret: 'hide'});
    const small = palette(picture);
    ensure(small.length <= LARGEST, `${name}.png has ${small.length} bytes; install pngquant`);
    writeFileSync(`${folder}/${name}.png`, small);
  };
  await visit(browser, async page => {
    await goto(page, base, home);
    await shoot(page, 'home');
  });
  for (const colorScheme of ['light', 'dark']) {
    await visit(browser, async page => {
      await section(page, operation);
      await shoot(page, `reference-${colorScheme}`);
    }, {colorScheme});
  }
  await visit(browser, async page => {
    const part = await section(page, operation);
    await part.getByRole('button', {name: /Test Request/}).click();
    const dialog = page.getByRole('dialog', {name: 'API Client'});
    await dialog.locator('[data-addressbar-action=send]:visible').click();
    await dialog.getByRole('region', {name: 'Response'}).getByRole('link', {name: /^2/}).waitFor();
    await shoot(page, 'try-it');
  });
  await visit(browser, async page => {
    await goto(page, base, decode);
    // An answer by which there is most to say: the account is there already.
    const index = await page.evaluate(() =>
      window.enroll.samples.findIndex(({operation, status}) => operation === 'createUser' && status === 400));
    await page.locator('#sample').selectOption(String(index));
    await page.locator('#body').press('Control+Enter');
    await page.locator('#verdict').waitFor();
    await shoot(page, 'decode');
  });
};

/** A picture of few colours is a third as large. Where there is no pngquant, it stays as it is. */
const palette = picture => {
  try {
    return execFileSync('pngquant', ['--quality', '70-95', '--strip', '--speed', '1', '-'], {input: picture, maxBuffer: 1 << 24});
  } catch {
    return picture;
  }
};
