import { readFile } from 'node:fs/promises';
import { Agent, createServer, request as send } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { createGunzip, gzip, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../local/listen.ts';
import { startVirtualTime, type VirtualTime } from '../support/virtual-time.ts';

const later = setTimeout;
const HOUR = 3_600_000;

let time: VirtualTime;
const start = () => {
  time = startVirtualTime();
  return time;
};
afterEach(() => time.stop());

/** A server that this process knows nothing of; it answers when so much real time has passed. */
const foreign = async (milliseconds: number): Promise<string> => {
  const server = createRawServer((socket) => {
    socket.once('data', () =>
      later(() => socket.end('HTTP/1.1 204 \r\nconnection: close\r\n\r\n'), milliseconds),
    );
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${Object(server.address()).port}`;
};

/** Status, or why there is none. */
const get = (url: string, { agent, timeout }: { agent?: Agent; timeout?: number } = {}) =>
  new Promise<string>((resolve) => {
    const sent = send(url, { ...(agent && { agent }) });
    let end = 'closed';
    if (timeout) setTimeout(() => sent.destroy(new Error('timeout')), timeout);
    sent.on('error', ({ message }) => {
      end = message;
    });
    sent.on('response', (response) => {
      end = String(response.statusCode);
      response.resume();
    });
    sent.on('close', () => resolve(end));
    sent.end();
  });

const hanging = async () => {
  const server = await listen(() => {});
  onTestFinished(server.stop);
  return server.url;
};

/** What ends first, this or an hour. */
const against = (work: Promise<unknown>) => {
  const ends: string[] = [];
  setTimeout(() => ends.push('the hour'), HOUR);
  return time.during(work.then(() => [...ends, 'the work']));
};

describe('time stands still while something is under way', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a request', async () => get(await foreign(30))],
    ['a fetch', async () => fetch(await foreign(30))],
    ['the reading of a file', () => readFile(new URL(import.meta.url))],
    ['compressing', () => promisify(gzip)('a'.repeat(30_000_000))],
    [
      'inflating',
      () => text(Readable.from([gzipSync('a'.repeat(30_000_000))]).pipe(createGunzip())),
    ],
    ['a module', () => import('../../local/intro.ts')],
  ])('%s', async (_, work) => {
    start();
    expect(await against(work())).toEqual(['the work']);
  });

  it('a request beside one that was given up though its server still waits', async () => {
    const url = await foreign(30);
    const never = await hanging();
    start();
    await time.during(get(never, { timeout: 10 }));
    expect(await against(get(url))).toEqual(['the work']);
  });

  it('a request on a connection that served another before', async () => {
    const server = createServer((_, response) => response.end());
    const { url } = await new Promise<{ url: string }>((done) =>
      server.listen(0, '127.0.0.1', () =>
        done({ url: `http://127.0.0.1:${Object(server.address()).port}` }),
      ),
    );
    onTestFinished(() => void server.close());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    start();
    expect(await against(Promise.all([get(url, { agent }), get(url, { agent })]))).toEqual([
      'the work',
    ]);
  });
});

describe('time passes', () => {
  it('while a server says nothing', async () => {
    const never = await hanging();
    const began = start().now();
    expect(await time.during(get(never, { timeout: HOUR }))).toBe('timeout');
    expect(time.now() - began).toBe(HOUR);
  });

  it('by itself once it runs, from timer to timer, in their order', async () => {
    const began = start().now();
    time.run();
    const order: string[] = [];
    setTimeout(() => order.push('second'), 2_000);
    setTimeout(() => order.push('first'), 1_000);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(order).toEqual(['first', 'second']);
    expect(time.now() - began).toBe(3_000);
  });

  it('anew for a timer that is refreshed', async () => {
    const began = start().now();
    const ends: number[] = [];
    const timer = setTimeout(() => ends.push(time.now() - began), 1_000);
    setTimeout(() => timer.refresh(), 600);
    await time.during(time.wait(5_000));
    expect(ends).toEqual([1_600]);
  });

  it('for a signal, and not for a timer that was cleared', async () => {
    start();
    const signal = AbortSignal.timeout(1_000);
    let fired = false;
    clearTimeout(setTimeout(() => (fired = true), 500));
    await time.during(time.wait(999));
    expect(signal.aborted).toBe(false);
    await time.during(time.wait(1));
    expect([signal.aborted, signal.reason.name, fired]).toEqual([true, 'TimeoutError', false]);
  });
});

it('real time comes back', async () => {
  const real = Date.now;
  start().stop();
  expect([Date.now, setTimeout]).toEqual([real, later]);
});
