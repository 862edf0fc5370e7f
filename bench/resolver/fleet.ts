import { createHash } from 'node:crypto';

/** An instance as large as a record of ours commonly is. */
export interface FleetInstance {
  readonly id: string;
  readonly service: string;
  readonly address: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** So many instances, spread over services of the given size. */
export const fleet = (
  count: number,
  { perService, name }: { readonly perService: number; readonly name: string },
): readonly FleetInstance[] =>
  Array.from({ length: count }, (_, at) => {
    const service = `${name}-${Math.floor(at / perService)}`;
    const digest = createHash('sha256').update(`${name}/${at}`).digest('hex');
    const task = digest.slice(0, 32);
    return {
      id: `${task}-8080-${digest.slice(32, 52)}`,
      service,
      address: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
      metadata: {
        AVAILABILITY_ZONE: 'eu-central-1a',
        ECS_CLUSTER_NAME: 'production',
        ECS_SERVICE_NAME: service,
        ECS_TASK_DEFINITION_FAMILY: service,
        REGION: 'eu-central-1',
        ROLLCALL_CLUSTER: 'arn:aws:ecs:eu-central-1:111122223333:cluster/production',
        ROLLCALL_OWNER: 'rollcall-prod:111122223333:eu-central-1',
        ROLLCALL_STARTED: '2026-11-21T10:00:00.000Z',
        ROLLCALL_TASK: `arn:aws:ecs:eu-central-1:111122223333:task/production/${task}`,
      },
    };
  });

/** The same instances, each of a task that has just started. */
export const startedAnew = (all: readonly FleetInstance[]): readonly FleetInstance[] =>
  all.map(({ metadata, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, ROLLCALL_STARTED: new Date().toISOString() },
  }));

const NODE = 'rollcall-production';

/** Registers all of them with a Consul, as Rollcall does. */
export const fillConsul = async (
  url: string,
  all: readonly FleetInstance[],
  token = '',
): Promise<void> => {
  const put = (path: string, body: unknown) =>
    send(url + path, { method: 'PUT', body, headers: { 'x-consul-token': token } });
  await put('/v1/catalog/register', { Node: NODE, Address: '127.0.0.1' });
  for (let at = 0; at < all.length; at += 32) {
    const operations = all.slice(at, at + 32).flatMap(({ id, service, address, metadata }) => [
      {
        Service: {
          Verb: 'set',
          Node: NODE,
          Service: {
            ID: id,
            Service: service,
            Address: address,
            Port: 8080,
            Tags: ['blue', 'v1'],
            Meta: metadata,
          },
        },
      },
      {
        Check: {
          Verb: 'set',
          Check: {
            Node: NODE,
            CheckID: `rollcall:${id}`,
            Name: 'Rollcall',
            Status: 'passing',
            ServiceID: id,
            ServiceName: service,
          },
        },
      },
    ]);
    await put('/v1/txn', operations);
  }
};

/** The same with a Eureka. */
export const fillEureka = async (url: string, all: readonly FleetInstance[]): Promise<void> => {
  for (const { id, service, address, metadata } of all) {
    const instance = {
      instanceId: id,
      app: service.toUpperCase(),
      hostName: address,
      ipAddr: address,
      vipAddress: service,
      status: 'UP',
      port: { $: 8080, '@enabled': 'true' },
      securePort: { $: 443, '@enabled': 'false' },
      dataCenterInfo: {
        '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
        name: 'MyOwn',
      },
      // Longer than any bench: nobody renews it.
      leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 36_000 },
      metadata,
    };
    await send(`${url}/apps/${service.toUpperCase()}`, { method: 'POST', body: { instance } });
  }
};

const send = async (
  url: string,
  {
    method,
    body,
    headers = {},
  }: { method: string; body: unknown; headers?: Readonly<Record<string, string>> },
) => {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text.slice(0, 200)}`);
};
