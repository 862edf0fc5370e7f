import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

/**
 * A server that does nothing but send one finished answer: none that is written in Node can be
 * faster. It takes the answer from a URL when it starts.
 */
const [port, url = '', headers = '{}'] = process.argv.slice(2);
// Fetch accepts gzip by itself.
const answer = await fetch(url, {
  headers: { 'accept-encoding': 'identity', ...JSON.parse(headers) },
});
// Fetch has unpacked it: what was packed is packed again, so that as much is sent.
const plain = Buffer.from(await answer.arrayBuffer());
const body = answer.headers.get('content-encoding') === 'gzip' ? gzipSync(plain) : plain;
const SENT = /^(date|connection|keep-alive|transfer-encoding)$/;
const sent = Object.fromEntries([...answer.headers].filter(([name]) => !SENT.test(name)));

createServer((_, response) => {
  response.writeHead(200, { ...sent, 'content-length': body.length });
  response.end(body);
}).listen(Number(port), '127.0.0.1');
