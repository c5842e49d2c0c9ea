// An upstream that answers everything with what no provider documents. A judge that lets it pass is none.
//
// `node wrong.mjs PORT`

import http from 'node:http';

http
  .createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('[]'));
  })
  .listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));
