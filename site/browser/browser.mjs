// Chromium as every check uses it: nothing but loopback can be reached, and whatever goes wrong on a page is written down.

import {chromium} from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Every other name is unknown, so that nothing leaves the machine even if a page tries.
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
  // What Chromium itself would ask its makers for goes to a port that nobody listens on. Else it stood in the log too.
  '--component-updater=url-source=http://127.0.0.1:9/',
  '--gaia-url=http://127.0.0.1:9/',
  '--autofill-server-url=http://127.0.0.1:9/',
  '--google-base-url=http://127.0.0.1:9/',
  '--net-log-capture-mode=Default',
];

/** How long anything may take on a slow machine, in milliseconds. What is there is not waited for. */
const PATIENCE = 30_000;

/** A window as wide as a desk's, and one as narrow as a phone's. */
export const DESK = {width: 1280, height: 800};
export const PHONE = {width: 360, height: 740};

export const start = (executablePath, netLog) =>
  chromium.launch({executablePath, args: [...FLAGS, `--log-net-log=${netLog}`]});

/**
 * Gives a page in a profile of its own to an action, and fails if something went wrong on the page.
 * `mayRefuse` says of an address whether an answer from 400 on is what the action wants of it;
 * `prepare` is given the page first.
 */
export const visit = async (browser, action, {mayRefuse = () => false, patience = PATIENCE, prepare = () => {}, ...options} = {}) => {
  const context = await browser.newContext({viewport: DESK, ...options});
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const troubles = watch(page, mayRefuse);
  try {
    await prepare(page);
    const result = await action(page);
    if (troubles.length > 0) throw new Error(troubles.join('; '));
    return result;
  } finally {
    await context.close();
  }
};

const watch = (page, mayRefuse) => {
  const troubles = [];
  page.on('pageerror', error => troubles.push(`an exception: ${error.message}`));
  page.on('console', message => {
    const {url} = message.location();
    const isRefusal = /^Failed to load resource: .* status of 4/.test(message.text()) && mayRefuse(url);
    if (message.type() === 'error' && !isRefusal) troubles.push(`a console error: ${message.text()} (${url})`);
  });
  page.on('requestfailed', request => {
    const error = request.failure()?.errorText;
    // A page that is left gives up what it still waits for.
    if (error !== 'net::ERR_ABORTED') troubles.push(`a request failed: ${request.url()} (${error})`);
  });
  return troubles;
};

/** Fails with a sentence unless the condition holds. */
export const ensure = (condition, sentence) => {
  if (!condition) throw new Error(sentence);
};
