// express-openapi-validator as a proxy that judges every request and every answer, and lets all of them pass.
//
// `node express.mjs SPEC PORT UPSTREAM` prints a line of JSON for each exchange: the `operation`, if the spec has one
// for it, and the `violations`. It is run where its packages are installed.

import { readFileSync } from 'node:fs';

import express from 'express';
import * as validator from 'express-openapi-validator';
import yaml from 'js-yaml';

const [spec, port, upstream] = process.argv.slice(2);

// The path of a server's address is part of the upstream's.
const apiSpec = { ...yaml.load(readFileSync(spec, 'utf8')), servers: [{ url: '/' }] };

// The two formats of specs/README.md, which say no more than their type does.
const NUMBER = { type: 'number', validate: () => true };

// What belongs to one connection, or is said anew of the body that is sent on.
const OWN = ['connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding'];

const app = express();
app.use(express.json({ strict: false, type: () => true, verify: (request, _, body) => (request.raw = body) }));

// One line an exchange, when the client has its answer.
app.use((request, response, next) => {
  const { method, url: path } = request;
  response.violations = [];
  response.on('finish', () => {
    const operation = request.openapi?.schema?.operationId;
    console.log(JSON.stringify({ method, path, operation, violations: response.violations }));
  });
  next();
});

app.use(
  validator.middleware({
    apiSpec,
    formats: { 'epoch-seconds': NUMBER, 'epoch-milliseconds': NUMBER },
    validateRequests: { allowUnknownQueryParameters: false },
    // The answer is sent all the same: it is the client's test that says what it should be.
    validateResponses: {
      onError: (error, body, request) => note(request.res, 'response', error),
    },
  }),
);

app.use(forward);

// What the validator says of a request. It goes on to the sandbox, so that the test goes on too.
app.use((error, request, response, next) => {
  note(response, 'request', error);
  return forward(request, response);
});

app.listen(Number(port), '127.0.0.1', () => console.log('listening'));

function note(response, side, error) {
  const errors = error.errors ?? [{ path: '', message: error.message }];
  response.violations.push(...errors.map(({ path, message }) => `${side} ${path} ${message}`));
}

async function forward(request, response) {
  const { method, originalUrl, raw } = request;
  const body = raw?.length ? raw : undefined;
  const headers = kept(Object.entries(request.headers));
  const answer = await fetch(upstream + originalUrl, { method, headers, body }).catch(() => undefined);
  if (!answer) return response.status(502).end();
  response.status(answer.status).set(kept(answer.headers));
  const text = await answer.text();
  // The validator looks at what is sent by `json`.
  if (/[/+]json\b/.test(answer.headers.get('content-type'))) response.json(JSON.parse(text));
  else response.send(text);
}

function kept(headers) {
  return Object.fromEntries([...headers].filter(([name]) => !OWN.includes(name)));
}
