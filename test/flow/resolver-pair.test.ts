import { Agent, get } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { startConsul } from '../../local/consul.ts';
import { createDirectory } from '../../shared/registries/consul/directory.ts';
import { createResolver } from '../../shared/resolver/resolver.ts';
import { type ResolverServer, serve } from '../../shared/resolver/server.ts';

const CLIENTS = 50;
const CHANGES = 12;

/** Each connection goes to the next of the ports, as behind one name. */
const balance = async (ports: readonly (() => number)[]) => {
  let next = 0;
  const server = createServer((client) => {
    const port = ports[next++ % ports.length]?.() ?? 0;
    const upstream = connect(port, '127.0.0.1');
    const end = () => [client, upstream].forEach((socket) => void socket.destroy());
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
};

interface Answer {
  readonly index: number;
  readonly body: string;
}

/** On a connection of its own; undefined where none could be had, or it was dropped. */
const ask = (port: number, path: string) =>
  new Promise<Answer | undefined>((resolve) => {
    const agent = new Agent({ keepAlive: false });
    const request = get({ host: '127.0.0.1', port, path, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', () => resolve(undefined));
      response.on('end', () =>
        resolve({
          index: Number(response.headers['x-consul-index']),
          body: String(Buffer.concat(chunks)),
        }),
      );
    });
    request.on('error', () => resolve(undefined));
  });

it('two processes behind one name lead no client back, and none misses a change, whichever restarts', async () => {
  const consul = await startConsul();
  onTestFinished(() => consul.stop());
  const change = (Port: number) =>
    fetch(`${consul.url}/v1/catalog/register`, {
      method: 'PUT',
      body: JSON.stringify({
        Node: 'n',
        Address: '10.0.0.1',
        Service: { ID: 'a', Service: 'web', Port },
      }),
    });
  const start = () =>
    serve(
      createResolver({
        directory: createDirectory({ addresses: [consul.url] }),
        config: { from: 'consul', access: 'open', ttl: 1, corsOrigins: [], wait: 2, held: 50 },
        concurrency: 1_000,
        followsChanges: true,
      }),
      { port: 0, host: '127.0.0.1' },
    );
  const servers: ResolverServer[] = [await start(), await start()];
  onTestFinished(async () => {
    for (const server of servers) await server.stop(0);
  });
  const port = await balance([0, 1].map((at) => () => servers[at]?.port ?? 0));

  await change(1);
  let isOver = false;
  const faults: string[] = [];
  const seen = Array.from({ length: CLIENTS }, () => 0);
  const watch = async (client: number) => {
    let index = 0;
    while (!isOver) {
      const answer = await ask(port, `/v1/health/service/web?index=${index}`);
      if (!answer || Number.isNaN(answer.index)) {
        await pause(5);
        continue;
      }
      const last = seen[client] ?? 0;
      const now = Number(/"Port":(\d+)/.exec(answer.body)?.[1]);
      if (answer.index < index) faults.push(`${client}: ${answer.index} after ${index}`);
      if (answer.index > index && now < last) faults.push(`${client}: port ${now} after ${last}`);
      index = answer.index;
      seen[client] = Math.max(now, last);
    }
  };
  const watching = Promise.all(seen.map((_, client) => watch(client)));
  for (let at = 2; at <= CHANGES; at++) {
    await change(at);
    // Now and then one of them begins anew, with nothing in its cache.
    if (at % 3 === 0) {
      const which = (at / 3) % 2;
      await servers[which]?.stop(0);
      servers[which] = await start();
    }
    await expect.poll(() => seen.every((port) => port === at)).toBe(true);
  }
  isOver = true;
  await watching;
  expect(faults).toEqual([]);
});
