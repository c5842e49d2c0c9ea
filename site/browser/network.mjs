// What Chromium's own log of the network says: whom the browser asked, and with whom it was connected.

import {readFileSync} from 'node:fs';

/** What in the log is not loopback; and that there is nothing in it at all. */
export const leaks = file => {
  const {constants, events} = parse(readFileSync(file, 'utf8'));
  const names = new Map(Object.entries(constants.logEventTypes).map(([name, number]) => [number, name]));
  const found = new Set();
  let requests = 0;
  for (const {type, params = {}} of events) {
    const name = names.get(type);
    if (name === 'URL_REQUEST_START_JOB' && params.url) {
      requests += 1;
      if (!isLocalUrl(params.url)) found.add(`a request to ${params.url}`);
    }
    if (name === 'TCP_CONNECT_ATTEMPT' && params.address && !isLocalAddress(params.address)) {
      found.add(`a connection to ${params.address}`);
    }
    // That Chromium opens a socket to see whether there is IPv6 sends nothing.
    if (name === 'UDP_BYTES_SENT') found.add('a datagram');
  }
  if (requests === 0) found.add('no request at all, so the log is not of this run');
  return {requests, leaks: [...found]};
};

/** A browser that was killed leaves the log without its end. */
const parse = text => {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(`${text.trimEnd().replace(/,$/, '')}]}`);
  }
};

const isLocalUrl = text => {
  const {protocol, hostname} = new URL(text);
  return !['http:', 'https:', 'ws:', 'wss:', 'ftp:'].includes(protocol) || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
};

const isLocalAddress = address => address.startsWith('127.0.0.1:') || address.startsWith('[::1]:');
