import { describe, expect, it } from 'vitest';
import { takeDown } from '../../local/outage.ts';
import { REGISTRY_NAMES } from '../../shared/model/registration.ts';
import { httpApiEvent } from '../support/http-api-event.ts';
import { container, type Flow, startFlow } from './stage.ts';

interface Asked {
  readonly headers?: Record<string, string>;
  readonly query?: string;
  readonly body?: string;
}

const asking = ({ stack }: Flow) => {
  const ask = async (method: string, path: string, { query = '', ...rest }: Asked = {}) => {
    const event = httpApiEvent(method, path, { rawQueryString: query, ...rest });
    const { statusCode, headers = {}, body = '' } = await stack.resolve(event);
    return { status: statusCode, headers, body };
  };
  return {
    ask,
    json: async (path: string, options: Asked = {}) =>
      JSON.parse((await ask('GET', path, options)).body),
  };
};

const LABELS = { SERVICE_TAGS: 'blue,v1', SERVICE_TEAM: 'shop' };

describe.each(REGISTRY_NAMES)('clients of a task that stands in %s', (from) => {
  /** One healthy task, found under the name that the registry carries. */
  const start = async (environment = {}) => {
    const flow = await startFlow({
      environment: { ROLLCALL_RESOLVE_FROM: from, ROLLCALL_RESOLVE_TTL: '0', ...environment },
    });
    flow.run({ containerDefinitions: [container({ dockerLabels: LABELS })] });
    await flow.settle();
    const [place = ''] = (await flow.places())[from];
    const [, address = '', port = ''] = / (.+):(\d+)$/.exec(place) ?? [];
    return { flow, name: 'web', address, port: Number(port), ...asking(flow) };
  };

  it('find it as they always do', async () => {
    const { flow, name, address, port, ask, json } = await start();

    // Consul holds its own servers as well.
    const ours = { query: `service=${name}` };
    const [group] = await json('/prometheus/sd', ours);
    expect(group).toMatchObject({
      targets: [`${address}:${port}`],
      labels: {
        __meta_rollcall_service: name,
        __meta_rollcall_cluster: 'shop',
        __meta_rollcall_task: expect.stringContaining(':task/shop/'),
        __meta_rollcall_healthy: 'true',
        __meta_rollcall_tags: ',blue,v1,',
        __meta_rollcall_metadata_team: 'shop',
      },
    });

    expect(await json('/v1/catalog/services')).toMatchObject({ [name]: ['blue', 'v1'] });
    const passing = `/v1/health/service/${name}`;
    expect(
      await json(passing, { query: 'passing&tag=blue&filter=Service.Meta.team==shop' }),
    ).toMatchObject([
      {
        Node: { Address: address },
        Service: { Address: address, Port: port },
        Checks: [{ Status: 'passing' }],
      },
    ]);

    const { application } = await json('/eureka/apps/web', {
      headers: { accept: 'application/json' },
    });
    expect(application).toMatchObject({
      name: 'WEB',
      instance: [
        {
          hostName: address,
          port: { $: port, '@enabled': 'true' },
          status: 'UP',
          vipAddress: name,
          metadata: { team: 'shop' },
        },
      ],
    });
    expect((await ask('GET', '/eureka/vips/web')).body).toContain(`<ipAddr>${address}</ipAddr>`);

    const eds = await ask('POST', '/v3/discovery:endpoints', {
      body: JSON.stringify({ resource_names: [name] }),
    });
    expect(eds.body).toContain(`"address":"${address}","port_value":${port}`);

    // One that stays: a Eureka that holds nothing at all may have just restarted, and is not
    // believed.
    flow.run({ family: 'other' });
    for (const { taskArn, group } of flow.stack.world.tasks())
      if (group === 'service:web') flow.stack.world.stopTask(taskArn);
    await flow.settle();
    expect(await json('/prometheus/sd', ours)).toEqual([]);
    expect(await json(passing)).toEqual([]);
  });

  it('lose nothing while it is down', async () => {
    const { flow, name, ask } = await start();
    const paths = [
      '/prometheus/sd',
      `/v1/health/service/${name}`,
      '/v1/catalog/services',
      '/eureka/apps',
    ];
    takeDown(flow.stack, from);
    await flow.stack.redeploy({});
    for (const path of paths) expect([path, (await ask('GET', path)).status]).toEqual([path, 503]);
  });

  it('are woken from a blocking query by a change', async () => {
    const { flow, name, ask } = await start({ ROLLCALL_RESOLVE_WAIT: '20' });
    const path = `/v1/health/service/${name}`;
    const { headers } = await ask('GET', path);
    const index = Number(headers['x-consul-index']);
    const woken = ask('GET', path, { query: `index=${index}` });
    flow.run();
    await flow.settle();
    const { headers: later, body } = await woken;
    expect(Number(later['x-consul-index'])).toBeGreaterThan(index);
    expect(JSON.parse(body)).toHaveLength(2);
  });
});
