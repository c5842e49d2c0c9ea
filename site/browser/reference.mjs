// The reference: every operation is there with what belongs to it, can be found, and can be tried.

import {ensure, visit} from './browser.mjs';
import {PAGES, goto} from './pages.mjs';

const [HOME, REFERENCE] = ['home', 'reference'].map(name => PAGES.find(it => it.name === name));

/** What the sandbox refuses for a reason of its own, though the request is right. */
const REFUSED = {
  // It deletes imported wallets alone, and no documented call imports one.
  'streambird deleteWallet': 400,
};

/** Every operation as the documents have it, with the link that the home page has to it. */
export const operations = async (browser, base) => {
  const documents = await visit(browser, async page => {
    await goto(page, base, REFERENCE);
    return page.evaluate(() => window.enroll.references);
  });
  const links = await visit(browser, async page => {
    await goto(page, base, HOME);
    return page.locator('.calls a').evaluateAll(found => found.map(link => link.href));
  });
  return documents.flatMap(({name: provider, title, document}) =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([, operation]) => operation.operationId)
        .map(([method, operation]) => ({
          provider,
          title,
          path,
          method: method.toUpperCase(),
          id: operation.operationId,
          summary: operation.summary,
          sample: operation['x-codeSamples'][0].source,
          facts: [...operation.description.matchAll(/^#{2,6} +(.*)$/gm)].map(([, heading]) => heading.replaceAll('`', '')),
          link: links.find(link => link.includes(`?api=${provider}#`) && link.endsWith(`/${operation.operationId}`)),
        }))));
};

/** What can be looked at without a server. */
export const check = async (report, browser, all) => {
  const providers = [...new Set(all.map(({provider}) => provider))];
  const first = provider => all.find(operation => operation.provider === provider);
  await report.check('the switcher changes the provider', () =>
    visit(browser, page => switched(page, providers.map(first))));
  for (const provider of providers) {
    const last = all.findLast(operation => operation.provider === provider);
    await report.check(`search at ${provider}`, () => visit(browser, page => found(page, first(provider), last)));
  }
};

/** An operation's page shows what it should. */
export const checkShown = (report, browser, operation) =>
  report.check(`${operation.provider} ${operation.id}`, () => visit(browser, page => shown(page, operation)));

/** The part of the page that is about an operation, once it is drawn. */
export const section = async (page, {link, provider, id}) => {
  ensure(link, 'the home page has no link to it');
  await page.goto(link);
  const found = part(page, {provider, id});
  await found.locator('code.language-rust').waitFor();
  return found;
};

const part = (page, {provider, id}) => page.locator(`section[id^="${provider}/"][id$="/${id}"]`);

const squeezed = text => text.replace(/\s+/g, ' ').trim();

const shown = async (page, operation) => {
  const place = await section(page, operation);
  const text = squeezed(await place.innerText());
  for (const wanted of [operation.summary, operation.method, operation.path]) {
    ensure(text.includes(squeezed(wanted)), `\`${wanted}\` is not shown`);
  }
  const sample = await place.locator('code.language-rust').first().textContent();
  ensure(squeezed(sample) === squeezed(operation.sample), `the sample shown is ${squeezed(sample).slice(0, 80)}`);
  ensure(/\.await/.test(sample) && sample.includes(operation.provider.replaceAll('-', '_')), 'the sample is no call of the SDK');
  ensure(operation.facts.length >= 3, `there are only ${operation.facts.length} sections of facts`);
  const headings = (await place.getByRole('heading').allInnerTexts()).map(squeezed);
  for (const fact of operation.facts) ensure(headings.includes(squeezed(fact)), `there is no section \`${fact}\``);
  const top = await place.evaluate(element => element.getBoundingClientRect().top);
  ensure(top >= 0 && top < 400, `the link leads to ${Math.round(top)} pixels from it`);
};

const switched = async (page, firsts) => {
  await section(page, firsts[0]);
  for (const [index, next] of [...firsts.slice(1), firsts[0]].entries()) {
    await page.getByRole('button', {name: firsts[index].title}).first().click();
    await page.getByRole('option', {name: next.title}).click();
    await page.locator(`section[id^="${next.provider}/"]`).first().waitFor();
  }
};

const found = async (page, first, wanted) => {
  await section(page, first);
  await page.getByRole('button', {name: /Search/}).first().click();
  await page.getByRole('combobox', {name: /search/i}).fill(wanted.path);
  const result = page.locator(`[id^="search-result-${wanted.provider}/"][id$="/${wanted.id}"]`);
  await result.click();
  await page.waitForURL(url => url.hash.endsWith(`/${wanted.id}`));
};

/** Where the sandbox is, and what it takes. */
export const sandboxes = async base => (await (await fetch(`${base}live.json`)).json()).providers;

/** An operation's page shows what it should, and its request is answered. */
export const checkSent = (report, browser, operation, sandbox, options = {}) => {
  const {provider, id} = operation;
  const refusal = REFUSED[`${provider} ${id}`];
  const send = async page => {
    await shown(page, operation);
    ensure(await page.locator('#static').isHidden(), 'the page says that it is only a folder');
    const {status} = await (await Client.open(page, operation, sandbox)).send();
    const right = refusal === undefined ? status >= 200 && status < 300 : status === refusal;
    ensure(right, `the answer is ${status} instead of ${refusal ?? 'a success'}`);
  };
  const expected = refusal === undefined ? {} : refusing(sandbox);
  return report.check(`${provider} ${id}`, () => visit(browser, send, {...expected, ...options}));
};

/** Looks at every operation and sends its request, and then requests that must be refused. */
export const checkAll = async (report, browser, base, all) => {
  const live = await sandboxes(base);
  for (const operation of all) await checkSent(report, browser, operation, live[operation.provider]);
  for (const operation of await creating(browser, base, all)) {
    await report.check(`refusals at ${operation.provider}`, () =>
      visit(browser, async page => {
        await section(page, operation);
        const client = await Client.open(page, operation, live[operation.provider]);
        for (const [name, provoke] of Object.entries(PROVOCATIONS)) {
          await report.check(`${name} at ${operation.provider}`, () => provoke(client, operation, base));
        }
      }, refusing(live[operation.provider])));
  }
};

const refusing = sandbox => ({mayRefuse: url => url.startsWith(sandbox.base_url)});

/** The first call of each provider that makes an account, with what a repeat of it does. */
const creating = (browser, base, all) =>
  visit(browser, async page => {
    await goto(page, base, HOME);
    const rows = page.locator('.matrix tbody tr');
    const links = await rows.nth(0).locator('td').evaluateAll(cells => cells.map(cell => cell.querySelector('a')?.href));
    const repeats = await rows.nth(1).locator('td').evaluateAll(cells => cells.map(cell => cell.querySelector('.badge')?.textContent));
    return links.flatMap((link, index) => {
      const operation = all.find(it => it.link === link);
      return operation ? [{...operation, repeat: repeats[index]}] : [];
    });
  });

/** What Scalar calls its API client: the dialog from which a request is sent. */
class Client {
  /** From the page of the operation, which is open. */
  static async open(page, operation, {base_url: sandbox}) {
    await part(page, operation).getByRole('button', {name: /Test Request/}).click();
    const dialog = page.getByRole('dialog', {name: 'API Client'});
    await dialog.waitFor();
    return Object.assign(new Client(), {page, dialog, sandbox});
  }

  /** Sends it, waits until the answer is shown, and gives it. */
  async send() {
    const {page, dialog, sandbox} = this;
    const isAnswer = response => response.url().startsWith(sandbox) && response.request().method() !== 'OPTIONS';
    const [response] = await Promise.all([
      page.waitForResponse(isAnswer),
      dialog.locator('[data-addressbar-action=send]:visible').click(),
    ]);
    const [status, body] = [response.status(), await response.text()];
    const region = dialog.getByRole('region', {name: 'Response'});
    await region.getByRole('link', {name: new RegExp(`^${status}`)}).waitFor();
    if (body) await region.locator('.cm-content').filter({hasText: /\S/}).first().waitFor();
    return {status, body};
  }

  async spoilCredential() {
    await this.dialog.locator('.scalar-password-input').first().fill('spoilt');
  }

  async replaceBody(text) {
    const editor = this.dialog.locator('.cm-content[contenteditable=true]').first();
    await editor.click();
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.insertText(text);
  }
}

/** What the SDK makes of an answer: some providers refuse with a 200. */
const reading = async (base, {provider, id}, {status, body}) => {
  const question = {provider, operation: id, status, body};
  const answer = await fetch(`${base}decode`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify(question),
  });
  return (await answer.json()).best ?? {verdict: 'nothing'};
};

const refused = async (base, operation, answer, wanted) => {
  const {verdict, outcome} = await reading(base, operation, answer);
  ensure(verdict === 'failure', `the answer ${answer.status} is ${verdict} to the SDK`);
  ensure(outcome === wanted, `the SDK calls it ${outcome}`);
};

/** One after the other in one client, so that what spoils the next comes last. */
const PROVOCATIONS = {
  'a duplicate': async (client, operation, base) => {
    const first = await reading(base, operation, await client.send());
    ensure(first.outcome === 'Created', `the SDK calls the first ${first.outcome}`);
    const again = await reading(base, operation, await client.send());
    const wanted = {keyed: ['Existing'], upsert: ['Created']}[operation.repeat] ?? ['Created', 'Existing', 'Rejected'];
    ensure(wanted.includes(again.outcome), `the SDK calls the second ${again.outcome}`);
  },
  'a wrong body': async (client, operation, base) => {
    await client.replaceBody('[5]');
    await refused(base, operation, await client.send(), 'Rejected');
  },
  'a spoilt credential': async (client, operation, base) => {
    await client.spoilCredential();
    await refused(base, operation, await client.send(), 'Denied');
  },
};
