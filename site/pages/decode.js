// Sends what was pasted to the server that these pages come from, and shows the reading. All of it is put in as text, never
// as markup: it comes from somewhere else.
'use strict';
{
  const byId = id => document.getElementById(id);
  const {samples, operations} = window.enroll;
  const [form, body, sample, provider, operation, status] =
    ['payload', 'body', 'sample', 'provider', 'operation', 'status'].map(byId);
  // Only the newest question's answer is shown.
  let asked = 0;

  // An element with its attributes and what is in it.
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children.filter(child => child !== null));
    return element;
  };
  const code = text => make('code', {}, text);
  // A sentence in which code stands between backticks.
  const sentence = text => make('span', {}, ...text.split('`').map((part, index) => (index % 2 ? code(part) : part)));
  const option = (value, text) => make('option', {value}, text);
  const pretty = value => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

  // The choices

  const groupBy = (list, key) => {
    const groups = new Map();
    for (const item of list) {
      if (!groups.has(item[key])) groups.set(item[key], []);
      groups.get(item[key]).push(item);
    }
    return groups;
  };

  const fillSamples = () => {
    for (const [name, group] of groupBy(samples.map((it, index) => ({...it, index})), 'provider')) {
      const options = group.map(it => option(it.index, `${it.operation} ${it.status}: ${it.summary || it.name}`));
      sample.append(make('optgroup', {label: name}, ...options));
    }
  };

  const fillOperations = () => {
    const chosen = operation.value;
    const offered = operations.filter(it => !provider.value || it.provider === provider.value);
    operation.replaceChildren(option('', 'guess'));
    for (const [name, group] of groupBy(offered, 'provider')) {
      operation.append(make('optgroup', {label: name}, ...group.map(it => option(`${name} ${it.operation}`, it.operation))));
    }
    operation.value = chosen;
    // The choice may not be there any more.
    if (operation.selectedIndex < 0) operation.value = '';
  };

  const insert = it => {
    body.value = pretty(it.body);
    provider.value = it.provider;
    fillOperations();
    operation.value = `${it.provider} ${it.operation}`;
    status.value = /^\d{3}$/.test(it.status) ? it.status : '';
  };

  // The reading

  const VERDICTS = {success: 'a success', failure: 'a failure', unreadable: 'not what this operation answers with'};
  const OUTCOMES = {
    NotSent: 'Nothing was sent.',
    Rejected: 'The provider refused it, and nothing was done.',
    Unknown: 'It may have taken effect.',
    Accepted: 'It has taken effect.',
  };

  const say = text => byId('announcement').replaceChildren(text);

  const summary = reading => {
    const {verdict, method, status, type} = reading;
    const read = type ? ` It is read as ${type}.` : '';
    return `As the answer of ${reading.provider} ${method} with status ${status}, this is ${VERDICTS[verdict] ?? verdict}.${read}`;
  };

  // What the SDK does, in the order in which one wants to know it.
  const consequences = ({outcome, delivery, attempts, next, error}) => {
    const rows = [
      ['What to do', next && sentence(next)],
      ['Outcome', outcome && code(`Outcome::${outcome}`)],
      ['Did it take effect?', delivery && make('span', {}, code(`Delivery::${delivery}`), ` ${OUTCOMES[delivery] ?? ''}`)],
      ['The SDK says', error && code(error)],
      ['Requests sent', attempts && String(attempts)],
    ];
    const shown = rows.filter(([, value]) => value);
    return shown.length === 0 ? null : make('dl', {class: 'consequences'}, ...shown.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]));
  };

  const block = (id, title, text) =>
    make('section', {}, make('h3', {id}, title), make('pre', {tabindex: '0', 'aria-labelledby': id}, code(text)));

  const pointers = (id, title, list) =>
    list.length === 0 ? null : make('section', {}, make('h3', {id}, title), make('ul', {}, ...list.map(it => make('li', {}, code(it || '(all of it)')))));

  const changes = list => {
    if (list.length === 0) return null;
    const head = make('tr', {}, ...['Where', 'Pasted', 'Read'].map(name => make('th', {scope: 'col'}, name)));
    const row = ({pointer, pasted, read}) =>
      make('tr', {}, make('th', {scope: 'row'}, code(pointer)), make('td', {}, code(pretty(pasted))), make('td', {}, code(pretty(read))));
    const table = make('table', {}, make('caption', {}, 'What is not the same in the typed value'), make('thead', {}, head), make('tbody', {}, ...list.map(row)));
    return make('section', {}, make('h3', {id: 'changed'}, 'Changed values'), make('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-labelledby': 'changed'}, table));
  };

  const others = list => {
    if (list.length === 0) return null;
    const choose = it => {
      const button = make('button', {type: 'button'}, `${it.provider} ${it.operation} ${it.status}`);
      button.addEventListener('click', () => {
        provider.value = it.provider;
        fillOperations();
        operation.value = `${it.provider} ${it.operation}`;
        status.value = it.status;
        decode();
      });
      return make('li', {}, button);
    };
    return make('section', {}, make('h3', {}, 'It could also be'), make('ul', {class: 'others'}, ...list.map(choose)));
  };

  const show = ({best, others: more}) => {
    say(summary(best));
    const parts = [
      make('p', {}, make('span', {class: `badge ${best.verdict}`, id: 'verdict'}, best.verdict), ' ', code(`${best.provider} ${best.operation}`), ` ${best.status}`),
      consequences(best),
      best.value === null ? null : block('typed', best.type ? `Typed value: ${best.type}` : 'Typed value', pretty(best.value)),
      best.debug ? block('debug', 'What a log would print', best.debug) : null,
      pointers('unknown', 'Fields that the type does not know', best.unknown),
      pointers('nulls', 'Nulls', best.nulls),
      changes(best.changed),
      others(more),
    ];
    byId('reading').replaceChildren(...parts.filter(part => part !== null));
  };

  const fail = text => {
    say(text);
    byId('reading').replaceChildren();
  };

  const question = () => {
    const [, id] = operation.value.split(' ');
    // An operation of a list of all says whose it is.
    const owner = provider.value || operation.value.split(' ')[0];
    return {
      body: body.value,
      ...(owner ? {provider: owner} : {}),
      ...(id ? {operation: id} : {}),
      ...(status.value ? {status: Number(status.value)} : {}),
    };
  };

  const decode = async () => {
    if (!form.reportValidity()) return;
    const number = ++asked;
    let result;
    try {
      const answer = await fetch('../decode', {
        method: 'POST',
        headers: {'content-type': 'application/json'},
        body: JSON.stringify(question()),
      });
      result = await answer.json();
    } catch {
      result = {error: 'the server does not answer; is `cargo xtask docs` still running?'};
    }
    if (number !== asked) return;
    if (result.error) fail(result.error);
    else show(result);
  };

  // A folder has no server, and a browser complains of the question.
  const isLive = async () => {
    if (location.protocol === 'file:') return false;
    try {
      return (await fetch('../live.json')).ok;
    } catch {
      return false;
    }
  };

  const start = async () => {
    for (const name of groupBy(operations, 'provider').keys()) provider.append(option(name, name));
    fillOperations();
    fillSamples();
    provider.addEventListener('change', fillOperations);
    sample.addEventListener('change', () => sample.value && insert(samples[sample.value]));
    form.addEventListener('submit', event => {
      event.preventDefault();
      decode();
    });
    body.addEventListener('keydown', event => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    const live = await isLive();
    byId('static').hidden = live;
    byId('decode').disabled = !live;
    if (!live) say('This page cannot decode by itself: run `cargo xtask docs`, and open the address that it prints.');
    document.documentElement.dataset.ready = 'true';
  };

  start();
}
