import { describe, expect, it } from 'vitest';
import { InvalidConfig, loadConfig } from '../../../shared/config/load.ts';

const BASE = { ROLLCALL_OWNER: 'us', ROLLCALL_NAMESPACE: 'ns-1' };
const load = async (env: Readonly<Record<string, string>>) =>
  (await loadConfig({ ...BASE, ...env }, async (reference) => reference)).rules.names;
const faultsOf = async (env: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const error: unknown = await load(env).catch((caught: unknown) => caught);
  if (error instanceof InvalidConfig) return error.faults;
  throw new Error('the configuration was taken for valid');
};

describe('the rules for names', () => {
  it('are parsed once: templates by cluster, the usual one last, and owners by name', async () => {
    const names = await load({
      ROLLCALL_NAME_TEMPLATE: '{cluster}-{service}',
      ROLLCALL_NAME_TEMPLATES: 'prod-*={service}; stage={family}.{account}',
      ROLLCALL_NAMES: 'Payments=prod/payments+prod/payments-fargate; reports=prod/family:report',
    });
    const clusters = ['prod-1', 'stage', 'stage-2'];
    const templateOf = (cluster: string) =>
      names.templates.find((one) => one.clusters.test(cluster))?.template;
    expect(clusters.map(templateOf)).toEqual([
      '{service}',
      '{family}.{account}',
      '{cluster}-{service}',
    ]);
    expect(names.pinned).toEqual(
      new Map([
        ['payments', ['prod/payments', 'prod/payments-fargate']],
        ['reports', ['prod/family:report']],
      ]),
    );
  });

  it('have what registries in use call themselves', async () => {
    const all = { ROLLCALL_REGISTRIES: 'consul,eureka', CONSUL_HTTP_ADDR: 'c:8500' };
    const url = { EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: 'http://e:8761/eureka/' };
    expect([...(await load({ ...all, ...url })).reserved]).toEqual([
      'consul',
      'consul-esm',
      'eureka',
    ]);
    expect([...(await load({})).reserved]).toEqual([]);
  });

  it('let labels say all under registrator, unless told otherwise', async () => {
    expect((await load({})).labels).toBe('within-service');
    expect((await load({ ROLLCALL_PROFILE: 'registrator' })).labels).toBe('all');
    const none = { ROLLCALL_PROFILE: 'registrator', ROLLCALL_LABELS: 'none' };
    expect((await load(none)).labels).toBe('none');
  });

  it.each([
    [
      { ROLLCALL_NAME_TEMPLATE: '{service}-{zone}' },
      'ROLLCALL_NAME_TEMPLATE: expected letters, digits, any of _ . - and, in braces, {service}, {family}, {cluster}, {account} or {region}, got "{service}-{zone}"',
    ],
    [
      { ROLLCALL_NAME_TEMPLATE: '{cluster}' },
      'ROLLCALL_NAME_TEMPLATE: expected {service} or {family} in it: all would have one name, got "{cluster}"',
    ],
    [
      { ROLLCALL_NAME_TEMPLATES: 'prod={service};stage' },
      'ROLLCALL_NAME_TEMPLATES: expected cluster=template;… with a name or glob of clusters, such as prod-*={service}, got "stage"',
    ],
    [
      { ROLLCALL_NAME_TEMPLATES: 'prod={Service}' },
      'ROLLCALL_NAME_TEMPLATES: expected letters, digits, any of _ . - and, in braces, {service}, {family}, {cluster}, {account} or {region}, got "{Service}"',
    ],
    [
      { ROLLCALL_NAMES: 'payments=prod' },
      'ROLLCALL_NAMES: expected name=cluster/service+cluster/service;…, or cluster/family:name for an owner, got "payments=prod"',
    ],
    [
      { ROLLCALL_NAMES: 'a=p/a;A=p/b' },
      'ROLLCALL_NAMES: expected each name once, with all of its owners, got "A=p/b"',
    ],
    [
      { ROLLCALL_PROFILE: 'registrator', ROLLCALL_NAME_TEMPLATE: 'x-{service}' },
      'ROLLCALL_NAME_TEMPLATE: expected nothing under ROLLCALL_PROFILE=registrator, which names tasks by their image, got "x-{service}"',
    ],
    [
      { ROLLCALL_PROFILE: 'registrator', ROLLCALL_NAME_TEMPLATES: 'a={service}' },
      'ROLLCALL_NAME_TEMPLATES: expected nothing under ROLLCALL_PROFILE=registrator, which names tasks by their image, got "a={service}"',
    ],
    [
      { ROLLCALL_LABELS: 'some' },
      'ROLLCALL_LABELS: expected one of all, within-service, none, got "some"',
    ],
    [
      { ROLLCALL_SHARED_NAMES: 'no' },
      'ROLLCALL_SHARED_NAMES: expected one of warn, refuse, allow, got "no"',
    ],
  ])('refuse %j', async (env, fault) => expect(await faultsOf(env)).toEqual([fault]));
});
