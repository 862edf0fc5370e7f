import { describe, expect, it } from 'vitest';
import type { Target } from '../../../../shared/model/registration.ts';
import { toRequest } from '../../../../shared/resolver/http/message.ts';
import type { Resolver } from '../../../../shared/resolver/resolver.ts';
import { answerOf, directoryOf, over, resolverOver, target } from '../support.ts';

const TYPE = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';

const post = (resolver: Resolver, body: unknown) =>
  answerOf(
    resolver(
      toRequest({
        method: 'POST',
        target: '/v3/discovery:endpoints',
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    ),
  );
const asking = (name: string, version?: string) => ({
  ...(version && { version_info: version }),
  node: { id: 'n' },
  resource_names: [name],
  type_url: TYPE,
});
const discover = async (targets: readonly Target[]) => {
  const response = await post(over({ web: targets }), asking('web'));
  return { ...response, data: JSON.parse(response.body) };
};

describe('POST /v3/discovery:endpoints', () => {
  it('says by which deployment and revision a subset may be chosen, where that is known', async () => {
    const metadata = { ROLLCALL_DEPLOYMENT: 'ecs-svc/1', ROLLCALL_REVISION: '7' };
    const { data } = await discover([target({ id: 'a', metadata }), target({ id: 'b' })]);
    const [first, second] = data.resources[0].endpoints[0].lb_endpoints;
    expect(first.metadata).toEqual({
      filter_metadata: { 'envoy.lb': { deployment: 'ecs-svc/1', revision: '7' } },
    });
    expect(second).not.toHaveProperty('metadata');
  });

  it('answers with the one resource that was asked for', async () => {
    const { status, headers, data } = await discover([
      target({ id: 'a', weight: 3, metadata: { REGION: 'eu-central-1' } }),
      target({ id: 'b', zone: null, healthy: false, address: 'fd00::1' }),
    ]);
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(data).toEqual({
      version_info: expect.stringMatching(/^[0-9a-f]{16}$/),
      type_url: TYPE,
      resources: [
        {
          '@type': TYPE,
          cluster_name: 'web',
          endpoints: [
            {
              lb_endpoints: [
                {
                  endpoint: {
                    address: { socket_address: { address: 'fd00::1', port_value: 8080 } },
                  },
                  health_status: 'UNHEALTHY',
                  load_balancing_weight: 1,
                },
              ],
            },
            {
              locality: { region: 'eu-central-1', zone: 'eu-central-1a' },
              lb_endpoints: [
                {
                  endpoint: {
                    address: { socket_address: { address: '10.0.0.1', port_value: 8080 } },
                  },
                  health_status: 'HEALTHY',
                  load_balancing_weight: 3,
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('is 304 without a body while the version is the same, in every process', async () => {
    const content = { web: [target()] };
    const { version_info } = JSON.parse((await post(over(content), asking('web'))).body);
    const again = await post(over(content), asking('web', version_info));
    expect([again.status, again.body]).toEqual([304, '']);
    const changed = await post(over({ web: [target({ port: 1 })] }), asking('web', version_info));
    expect([changed.status, JSON.parse(changed.body).version_info]).not.toContain(version_info);
    expect(changed.status).toBe(200);
  });

  it('leaves out names and ports that would make Envoy refuse the whole list', async () => {
    const bad = [
      { address: 'web.internal' },
      { address: 'fe80::1%eth0' },
      { address: '' },
      { port: 0 },
      { port: 70_000 },
    ];
    const { data } = await discover([...bad.map((one) => target(one)), target({ id: 'z' })]);
    expect(data.resources[0].endpoints).toMatchObject([{ lb_endpoints: [{}] }]);
    expect(data.resources[0].endpoints[0].lb_endpoints).toHaveLength(1);
  });

  it.each([
    [0, { health_status: 'DEGRADED', load_balancing_weight: 1 }],
    [0.4, { health_status: 'HEALTHY', load_balancing_weight: 1 }],
    [2.6, { health_status: 'HEALTHY', load_balancing_weight: 3 }],
    [Number.NaN, { load_balancing_weight: 1 }],
    [1e12, { health_status: 'HEALTHY', load_balancing_weight: 2_147_483_647 }],
  ])('tells weight %d as %j', async (weight, told) => {
    const { data } = await discover([target({ weight }), target({ id: 'b' })]);
    expect(data.resources[0].endpoints[0].lb_endpoints[0]).toMatchObject(told);
  });

  it('tells udp', async () => {
    const { data } = await discover([target({ protocol: 'udp' })]);
    expect(
      data.resources[0].endpoints[0].lb_endpoints[0].endpoint.address.socket_address.protocol,
    ).toBe('UDP');
  });

  it('empties a service that is there and has no instance', async () => {
    const { status, data } = await discover([]);
    expect([status, data.resources[0].endpoints]).toEqual([200, []]);
  });

  it.each([
    ['', 'body: expected a DiscoveryRequest as a JSON object, got ""'],
    ['[]', 'body: expected a DiscoveryRequest as a JSON object, got "[]"'],
    ['null', 'body: expected a DiscoveryRequest as a JSON object, got "null"'],
    [{}, 'resource_names: expected a list of exactly one name, got nothing'],
    [
      { resource_names: ['a', 'b'] },
      'resource_names: expected a list of exactly one name, got ["a","b"]',
    ],
    [{ resource_names: [''] }, 'resource_names: expected a list of exactly one name, got [""]'],
    [{ resource_names: 'a' }, 'resource_names: expected a list of exactly one name, got "a"'],
    [{ ...asking('a'), type_url: 'x' }, `type_url: expected ${TYPE}, got "x"`],
    [
      { ...asking('a'), version_info: ['x'.repeat(200)] },
      `version_info: expected a text, got ["${'x'.repeat(98)}…`,
    ],
  ])('refuses %j', async (body, detail) => {
    const response = await post(over({}), body);
    expect(JSON.parse(response.body)).toMatchObject({ status: 400, detail });
  });

  it('answers an unknown service and an unreadable registry so that Envoy keeps what it has', async () => {
    expect((await post(over({}), asking('web'))).status).toBe(404);
    const { state, directory } = directoryOf({});
    state.failure = new Error('down');
    expect((await post(resolverOver(directory), asking('web'))).status).toBe(503);
  });

  it('asks the registry for one service only, so that a cold start stays within Envoy’s second', async () => {
    const { state, directory } = directoryOf({ web: [target()], other: [] });
    await post(resolverOver(directory), asking('web'));
    expect(state.reads).toEqual(['web']);
  });
});
