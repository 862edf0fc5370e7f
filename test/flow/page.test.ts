import { expect, it } from 'vitest';
import { createWorld } from '../../local/aws/world.ts';
import { takeDown } from '../../local/outage.ts';
import { httpApiEvent } from '../support/http-api-event.ts';
import { container, type Flow, startFlow } from './stage.ts';

/** What an HTTP API hands over for a browser's request. */
const event: typeof httpApiEvent = (method, path, overrides) =>
  httpApiEvent(method, path, {
    headers: { accept: 'text/html', host: 'rollcall.example' },
    ...overrides,
  });

/** What a person reads of the page: without tags, style and script. */
const look = async ({ stack }: Flow, rawQueryString = '') => {
  const { statusCode, body = '' } = await stack.resolve(event('GET', '/', { rawQueryString }));
  expect(statusCode).toBe(200);
  return body
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
};

const MINUTE = 60_000;

/** One task that everybody has had the time to hear of, and one that publishes nothing. */
const start = async () => {
  let now = Date.now() - 10 * MINUTE;
  const flow = await startFlow({
    world: createWorld({ now: () => now }),
    environment: { ROLLCALL_RESOLVE_TTL: '0', AWS_LAMBDA_FUNCTION_NAME: 'rollcall-dev-resolve' },
  });
  const task = flow.run({
    containerDefinitions: [container({ dockerLabels: { SERVICE_TEAM: '<b>shop</b>' } })],
  });
  const batch = flow.run({
    family: 'batch',
    containerDefinitions: [container({ portMappings: [] })],
  });
  await flow.settle();
  await flow.stack.reconcile.invoke();
  now += 10 * MINUTE;
  return { flow, task, batch };
};

it('shows a task as all three registries hold it, and why another is not registered', async () => {
  const { flow, task, batch } = await start();
  const [place] = (await flow.places()).cloudmap;
  const text = await look(flow);
  expect(text).toMatch(/Cloud Map holds 1 .* Consul holds 2 .* Eureka holds 1 /);
  expect(text).toContain('web 1/1 M C E in all a shop 10 min');
  expect(text).toMatch(/In \d\.\d s: 2 running tasks in 1 cluster, policy sync\./);
  expect(text).toMatch(/no-ports .* batch , 1 task /);
  expect(text).toContain(`rollcall explain ${batch.taskArn} --stack rollcall-dev `);
  const service = await look(flow, 'service=web');
  expect(service).toContain(`healthy ${place?.split(' ')[1]} M C E`);
  expect(service).toContain('team &lt;b&gt;shop&lt;/b&gt;');
  expect(service).toContain(`rollcall explain ${task.taskArn} --stack rollcall-dev `);
  expect(await look(flow, 'q=nobody')).toContain('Nothing fits.');
});

it('shows what one registry has lost, until the reconciler has brought it back', async () => {
  const { flow } = await start();
  const consul = flow.stack.environment['CONSUL_HTTP_ADDR'];
  const nodes: readonly { readonly Node: string }[] = JSON.parse(
    await (await fetch(`${consul}/v1/catalog/nodes`)).text(),
  );
  const Node = nodes.find((node) => node.Node.startsWith('rollcall-'))?.Node;
  await fetch(`${consul}/v1/catalog/deregister`, { method: 'PUT', body: JSON.stringify({ Node }) });
  const lost = await look(flow);
  expect(lost).toContain('Registries differ on 1 1 instance missing or elsewhere');
  expect(lost).toContain('Consul holds 1, lacks 1');
  expect(await look(flow, 'drift=true')).toContain('Consul lacks 1 of 1');
  await flow.stack.reconcile.invoke();
  expect(await look(flow)).toContain('Registries agree nothing missing or elsewhere');
});

it('calls nothing missing in a registry that is down', async () => {
  const { flow } = await start();
  takeDown(flow.stack, 'consul');
  const text = await look(flow);
  expect(text).toContain('Consul unknown: cannot be read Reading it failed: consul: reading ');
  expect(text).toContain('web 1/1 M C E Consul unknown');
  expect(text).toContain('Nothing wrong that is known');
  expect(text).not.toMatch(/missing|lacks 1|differ on|Consul holds/);
});

it('lets in who has the token, by the form and its cookie', async () => {
  const { stack } = await startFlow({
    environment: { ROLLCALL_RESOLVE_ACCESS: 'token', ROLLCALL_RESOLVE_TOKEN: 'c0rrect' },
  });
  expect((await stack.resolve(event('GET', '/'))).body).toContain('name="token"');
  const body = Buffer.from('token=c0rrect').toString('base64');
  const entered = await stack.resolve(event('POST', '/login', { body, isBase64Encoded: true }));
  expect([entered.statusCode, entered.headers?.['location']]).toEqual([303, './']);
  const [cookie = ''] = entered.cookies ?? [];
  const cookies = ['other=1', cookie.split(';')[0] ?? ''];
  expect((await stack.resolve(event('GET', '/', { cookies }))).statusCode).toBe(200);
  expect((await stack.resolve(event('GET', '/services', { cookies }))).statusCode).toBe(401);
});
