import { connect, type Socket } from 'node:net';
import type { Load } from './load.ts';

/**
 * A load generator for machines without wrk, in a process of its own: each connection asks the next
 * time when it was answered. It reads no more of an answer than it takes to find its end.
 */
const { url, headers = {}, connections, seconds }: Load = JSON.parse(process.argv[2] ?? '');
const { hostname, port, pathname, search, host } = new URL(url);
const given = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
const REQUEST = `GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n${given.join('')}\r\n`;
const HEAD_END = '\r\n\r\n';

const times: number[] = [];
const began = performance.now();
const isOver = () => performance.now() - began >= seconds * 1_000;

const ask = (socket: Socket) => {
  let asked = performance.now();
  let head = '';
  /** Bytes of the body that are still to come; undefined: its head is not whole yet. */
  let left: number | undefined;
  socket.on('data', (chunk) => {
    let came = chunk.length;
    if (left === undefined) {
      const text = head + chunk.toString('latin1');
      const end = text.indexOf(HEAD_END);
      if (end < 0) {
        head = text;
        return;
      }
      if (!text.startsWith('HTTP/1.1 200')) throw new Error(`${url}: ${text.slice(0, 200)}`);
      left = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1]);
      came = text.length - end - HEAD_END.length;
    }
    left -= came;
    if (left > 0) return;
    times.push(performance.now() - asked);
    [head, left] = ['', undefined];
    if (isOver()) socket.destroy();
    else {
      asked = performance.now();
      socket.write(REQUEST);
    }
  });
  socket.write(REQUEST);
};

for (let count = 0; count < connections; count++) {
  const socket = connect(Number(port), hostname, () => ask(socket));
}
process.once('exit', () => {
  const sorted = times.toSorted((a, b) => a - b);
  const p99 = sorted[Math.floor(sorted.length * 0.99)];
  console.log(JSON.stringify({ requests: times.length, p99 }));
});
