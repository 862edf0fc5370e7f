import { describe, expect, it } from 'vitest';
import { InvalidConfig, loadConfig } from '../../../shared/config/load.ts';
import type { Environment } from '../../../shared/config/reader.ts';
import type { ReadReference } from '../../../shared/config/secret.ts';
import { REGISTRY_NAMES } from '../../../shared/model/registration.ts';
import { NAME_RULES } from '../../support/name-rules.ts';

const none: ReadReference = async (reference) => {
  throw new Error(`no reference expected, got ${reference}`);
};

/** What the stack sets where nothing is chosen. */
const STACK = {
  ROLLCALL_OWNER: 'rollcall-prod:111122223333:eu-west-1',
  ROLLCALL_NAMESPACE: 'ns-1',
};
const CONSUL = { ...STACK, ROLLCALL_REGISTRIES: 'consul', CONSUL_HTTP_ADDR: 'consul:8500' };
const EUREKA = { ...STACK, ROLLCALL_REGISTRIES: 'eureka' };
const EUREKA_URL = 'EUREKA_CLIENT_SERVICEURL_DEFAULTZONE';

const load = (env: Environment, read: ReadReference = none) => loadConfig(env, read);

const faultsOf = async (env: Environment, read?: ReadReference): Promise<readonly string[]> => {
  const error: unknown = await load(env, read).catch((caught: unknown) => caught);
  if (error instanceof InvalidConfig) return error.faults;
  throw new Error('the configuration was taken for valid');
};

describe('without any choice', () => {
  it('the defaults are those of the documentation', async () => {
    expect(await load(STACK)).toEqual({
      registries: ['cloudmap'],
      owner: 'rollcall-prod:111122223333:eu-west-1',
      clusters: [],
      policy: 'sync',
      deleteLimit: 50,
      ecsReadShare: 50,
      logLevel: 'info',
      publishEvents: false,
      rules: {
        owner: 'rollcall-prod:111122223333:eu-west-1',
        profile: 'ecs',
        tasks: 'services',
        mode: 'opt-out',
        address: 'private',
        names: { ...NAME_RULES, reserved: new Set() },
      },
      cloudmap: { namespace: 'ns-1', dns: 'auto' },
      resolve: {
        from: 'cloudmap',
        addresses: {},
        access: 'token',
        ttl: 5,
        corsOrigins: [],
        wait: 20,
        held: 50,
      },
      stack: {},
    });
  });

  it('empty and blank mean unset, as CloudFormation’s parameters have it', async () => {
    const blank = {
      ROLLCALL_POLICY: '',
      ROLLCALL_CLUSTERS: '  ',
      CONSUL_HTTP_TOKEN: '',
      ROLLCALL_RESOLVE_FROM: '',
    };
    expect(await load({ ...STACK, ...blank })).toEqual(await load(STACK));
  });

  it('what is not ours is left alone', async () => {
    expect(await load({ ...STACK, PATH: '/bin', CONSUL_LICENSE: 'x', SERVICE_NAME: 's' })).toEqual(
      await load(STACK),
    );
  });
});

describe('the place', () => {
  it.each([
    [
      'aws:eu-west-1:111122223333',
      { partition: 'aws', region: 'eu-west-1', account: '111122223333' },
    ],
    [
      'aws-cn:cn-north-1:111122223333',
      { partition: 'aws-cn', region: 'cn-north-1', account: '111122223333' },
    ],
  ])('is %s', async (ROLLCALL_PLACE, place) => {
    expect((await load({ ...STACK, ROLLCALL_PLACE })).place).toEqual(place);
  });

  it.each([
    'eu-west-1',
    'aws:eu-west-1',
    'aws:eu-west-1:1',
    'aws::111122223333',
    'aws:eu-west-1:111122223333:',
  ])('is not %s', async (ROLLCALL_PLACE) => {
    expect(await faultsOf({ ...STACK, ROLLCALL_PLACE })).toEqual([
      `ROLLCALL_PLACE: expected partition:region:account, such as aws:eu-west-1:111122223333, got "${ROLLCALL_PLACE}"`,
    ]);
  });
});

describe('every choice', () => {
  it('arrives where it is read', async () => {
    const config = await load({
      ...STACK,
      ROLLCALL_REGISTRIES: 'eureka, consul,eureka',
      ROLLCALL_CLUSTERS: 'prod-*, shop ,',
      ROLLCALL_POLICY: 'create-only',
      ROLLCALL_DELETE_LIMIT: '0',
      ROLLCALL_PROFILE: 'registrator',
      ROLLCALL_MODE: 'opt-in',
      ROLLCALL_ADDRESS: 'ipv6',
      ROLLCALL_RESOLVE_FROM: 'consul',
      ROLLCALL_RESOLVE_ACCESS: 'open',
      ROLLCALL_RESOLVE_TTL: '300',
      ROLLCALL_RESOLVE_CORS_ORIGINS: 'https://a.example,https://b.example',
      CONSUL_HTTP_ADDR: 'consul:8500',
      CONSUL_TLS_SERVER_NAME: 'server.dc1.consul',
      CONSUL_NAMESPACE: 'n',
      CONSUL_PARTITION: 'p',
      CONSUL_DATACENTER: 'dc1',
      [EUREKA_URL]: 'http://eureka:8761/eureka/',
      ROLLCALL_QUEUE_URL: 'https://queue.invalid/q',
      ROLLCALL_SUMMARY_PARAMETER: '/rollcall/summary',
    });
    expect(config).toMatchObject({
      registries: ['eureka', 'consul'],
      clusters: ['prod-*', 'shop'],
      policy: 'create-only',
      deleteLimit: 0,
      rules: { profile: 'registrator', mode: 'opt-in', address: 'ipv6' },
      resolve: {
        from: 'consul',
        access: 'open',
        ttl: 300,
        corsOrigins: ['https://a.example', 'https://b.example'],
      },
      consul: {
        tlsServerName: 'server.dc1.consul',
        namespace: 'n',
        partition: 'p',
        datacenter: 'dc1',
      },
      stack: { queueUrl: 'https://queue.invalid/q', summaryParameter: '/rollcall/summary' },
    });
    expect(config.eureka?.urls.reveal()).toBe('http://eureka:8761/eureka/');
    expect(config).not.toHaveProperty('cloudmap');
  });

  it('is frozen through and through', async () => {
    const config = await load(CONSUL);
    const parts = [
      config,
      config.rules,
      config.registries,
      config.clusters,
      config.consul,
      config.resolve,
    ];
    expect(parts.every((part) => Object.isFrozen(part))).toBe(true);
  });
});

describe('what only reads registries', () => {
  const READ = { ...CONSUL, ROLLCALL_REGISTRIES: 'consul,eureka' };
  const loadReader = (env: Environment, read: ReadReference = never) =>
    loadConfig(env, read, 'reader');
  const never: ReadReference = async () => {
    throw new Error('AccessDenied');
  };
  const urls = 'http://u:p@a:8761/eureka/, https://u:p%40x@b/eureka,http://c/eureka/';

  it('has a token of its own, and does not even read the one that writes', async () => {
    const asked: string[] = [];
    const env = {
      ...CONSUL,
      CONSUL_HTTP_TOKEN: 'secretsmanager:arn:writes',
      ROLLCALL_RESOLVE_CONSUL_TOKEN: 'secretsmanager:arn:reads',
    };
    const { consul } = await loadReader(env, async (reference) => {
      asked.push(reference);
      return 'reads';
    });
    expect(consul?.token?.reveal()).toBe('reads');
    expect(asked).toEqual(['secretsmanager:arn:reads']);
  });

  it('reads without a token where none is given, and knows which would help', async () => {
    const { consul } = await loadReader({ ...CONSUL, CONSUL_HTTP_TOKEN: 'writes' });
    expect(consul).not.toHaveProperty('token');
    expect(consul?.missingCredential).toBe('resolveConsulToken (ROLLCALL_RESOLVE_CONSUL_TOKEN)');
  });

  it('reads Eureka without the user and the password of what writes', async () => {
    const { eureka } = await loadReader({ ...READ, [EUREKA_URL]: urls });
    expect(eureka?.urls.reveal()).toBe('http://a:8761/eureka/,https://b/eureka,http://c/eureka/');
    expect(eureka?.missingCredential).toBe('resolveEurekaUrl (ROLLCALL_RESOLVE_EUREKA_URL)');
  });

  it('reads Eureka as it is told to, at an address of its own', async () => {
    const own = 'http://reader:r@a:8761/eureka/';
    const { eureka } = await loadReader({
      ...READ,
      [EUREKA_URL]: urls,
      ROLLCALL_RESOLVE_EUREKA_URL: own,
    });
    expect(eureka?.urls.reveal()).toBe(own);
    expect(eureka).not.toHaveProperty('missingCredential');
  });

  it('starts without what it may not read; only who needs that is told', async () => {
    const { consul, eureka } = await loadReader({
      ...READ,
      CONSUL_CACERT: 'ssm:/ca',
      [EUREKA_URL]: 'secretsmanager:arn:eureka',
    });
    expect(consul?.addresses).toEqual(['http://consul:8500']);
    expect(() => consul?.ca?.reveal()).toThrow(
      'CONSUL_CACERT: ssm:/ca cannot be read: AccessDenied; resolve and inspect may read only what resolveSecretArns names',
    );
    expect(() => eureka?.urls.reveal()).toThrow(`${EUREKA_URL}: secretsmanager:arn:eureka`);
  });

  it('does not start where a setting cannot be read that is no secret', async () => {
    await expect(loadReader({ ...CONSUL, CONSUL_NAMESPACE: 'ssm:/namespace' })).rejects.toThrow(
      'CONSUL_NAMESPACE: ssm:/namespace cannot be read: AccessDenied',
    );
  });

  it('is no reason for what writes to read what only reads', async () => {
    const env = { ...CONSUL, ROLLCALL_RESOLVE_CONSUL_TOKEN: 'ssm:/reads' };
    expect((await loadConfig(env, never)).consul).not.toHaveProperty('missingCredential');
  });
});

describe('ROLLCALL_RESOLVE_CIDRS', () => {
  it('narrows what the resolver hands out', async () => {
    const { resolve } = await load({ ...STACK, ROLLCALL_RESOLVE_CIDRS: '10.0.0.0/8, fd00::/8' });
    expect(resolve.addresses).toEqual({ cidrs: ['10.0.0.0/8', 'fd00::/8'] });
  });

  it.each(['10.0.0.0', '10.0.0.0/33', 'db/8'])('%j is refused', async (text) => {
    expect(await faultsOf({ ...STACK, ROLLCALL_RESOLVE_CIDRS: text })).toEqual([
      `ROLLCALL_RESOLVE_CIDRS: expected networks such as 10.0.0.0/8 or fd00::/8, got "${text}"`,
    ]);
  });
});

describe('ROLLCALL_LOOPBACK', () => {
  it('lets loopback addresses be registered and handed out, on one machine', async () => {
    const { rules, resolve } = await load({ ...STACK, ROLLCALL_LOOPBACK: 'allow' });
    expect([rules.addresses, resolve.addresses]).toEqual([
      { loopback: 'allow' },
      { loopback: 'allow' },
    ]);
  });

  it('is told once where it is neither', async () => {
    const { faults } = await load({ ...STACK, ROLLCALL_LOOPBACK: 'maybe' }).catch((error) => error);
    expect(faults).toEqual(['ROLLCALL_LOOPBACK: expected one of refuse, allow, got "maybe"']);
  });
});

describe('CONSUL_HTTP_ADDR', () => {
  it.each<[string, Environment, readonly string[]]>([
    ['host and port', { CONSUL_HTTP_ADDR: 'consul:8500' }, ['http://consul:8500']],
    ['with a scheme', { CONSUL_HTTP_ADDR: 'https://consul:8501' }, ['https://consul:8501']],
    [
      'without trailing slashes',
      { CONSUL_HTTP_ADDR: 'http://consul:8500//' },
      ['http://consul:8500'],
    ],
    ['under a path', { CONSUL_HTTP_ADDR: 'https://proxy/consul/' }, ['https://proxy/consul']],
    ['an IPv6 address', { CONSUL_HTTP_ADDR: '[2001:db8::1]:8500' }, ['http://[2001:db8::1]:8500']],
    [
      'several',
      { CONSUL_HTTP_ADDR: 'a:1, https://b:2 ,c:3' },
      ['http://a:1', 'https://b:2', 'http://c:3'],
    ],
    [
      'CONSUL_HTTP_SSL, which speaks for those without a scheme',
      { CONSUL_HTTP_ADDR: 'a:1,http://b:2', CONSUL_HTTP_SSL: 'true' },
      ['https://a:1', 'http://b:2'],
    ],
  ])('%s', async (_what, env, addresses) => {
    expect((await load({ ...CONSUL, ...env })).consul?.addresses).toEqual(addresses);
  });

  it.each([
    ['ftp://consul', 'CONSUL_HTTP_ADDR: expected an http or https address, got "ftp://consul"'],
    [
      'unix:///var/run/consul.sock',
      'CONSUL_HTTP_ADDR: expected an http or https address, got "unix:///var/run/consul.sock"',
    ],
    ['http://', 'CONSUL_HTTP_ADDR: expected an http or https address, got "http://"'],
    ['consul:port', 'CONSUL_HTTP_ADDR: expected an http or https address, got "consul:port"'],
    ['', 'CONSUL_HTTP_ADDR: expected a value, got ""'],
    [' , ,', 'CONSUL_HTTP_ADDR: expected at least one address, got ", ,"'],
  ])('%j is refused', async (CONSUL_HTTP_ADDR, fault) => {
    expect(await faultsOf({ ...CONSUL, CONSUL_HTTP_ADDR })).toEqual([fault]);
  });

  it('by reference is read again when it is refreshed: it may carry a password', async () => {
    let text = 'http://user:old@consul:8500';
    const { consul } = await load(
      { ...CONSUL, CONSUL_HTTP_ADDR: 'ssm:/consul/addr' },
      async () => text,
    );
    text = 'user:new@consul:8500/, http://b:1';
    expect(consul?.addresses).toEqual(['http://user:old@consul:8500']);
    expect(await consul?.addressSource?.refresh()).toBe(true);
    expect(consul?.addresses).toEqual(['http://user:new@consul:8500', 'http://b:1']);
  });
});

describe('what is wrong is said', () => {
  it.each<[string, Environment, readonly string[]]>([
    ['an owner missing', { ROLLCALL_NAMESPACE: 'n' }, ['ROLLCALL_OWNER: expected a value, got ""']],
    [
      'an owner that no tag can carry',
      { ...STACK, ROLLCALL_OWNER: 'a,b' },
      [
        'ROLLCALL_OWNER: expected at most 256 ASCII letters, digits, spaces or any of _ . : / = + - @, got "a,b"',
      ],
    ],
    [
      'an owner that no metric can carry',
      { ...STACK, ROLLCALL_OWNER: 'café' },
      [
        'ROLLCALL_OWNER: expected at most 256 ASCII letters, digits, spaces or any of _ . : / = + - @, got "café"',
      ],
    ],
    [
      'no Eureka among the commas',
      { ...EUREKA, [EUREKA_URL]: ',' },
      [`${EUREKA_URL}: expected at least one address, got [secret]`],
    ],
    [
      'a namespace missing',
      { ROLLCALL_OWNER: 'o' },
      ['ROLLCALL_NAMESPACE: expected a value, got ""'],
    ],
    [
      'a mistyped key',
      { ...STACK, ROLLCALL_POLCY: 'observe' },
      ['ROLLCALL_POLCY: unknown setting'],
    ],
    [
      'a word that is no choice',
      { ...STACK, ROLLCALL_POLICY: 'Sync' },
      ['ROLLCALL_POLICY: expected one of observe, create-only, upsert-only, sync, got "Sync"'],
    ],
    [
      'a level that no line has',
      { ...STACK, ROLLCALL_LOG_LEVEL: 'WARN' },
      ['ROLLCALL_LOG_LEVEL: expected one of debug, info, warn, error, got "WARN"'],
    ],
    [
      'a share above all',
      { ...STACK, ROLLCALL_DELETE_LIMIT: '101' },
      ['ROLLCALL_DELETE_LIMIT: expected a whole number from 0 to 100, got "101"'],
    ],
    [
      'a share with its sign',
      { ...STACK, ROLLCALL_DELETE_LIMIT: '50%' },
      ['ROLLCALL_DELETE_LIMIT: expected a whole number from 0 to 100, got "50%"'],
    ],
    [
      'a registry that is none',
      { ...STACK, ROLLCALL_REGISTRIES: 'zookeeper' },
      [`ROLLCALL_REGISTRIES: expected any of ${REGISTRY_NAMES.join(', ')}, got "zookeeper"`],
    ],
    [
      'no registry among the commas',
      { ...STACK, ROLLCALL_REGISTRIES: ', ,' },
      ['ROLLCALL_REGISTRIES: expected at least one registry, got ", ,"'],
    ],
    [
      'a resolver that reads a registry which is not in use',
      { ...STACK, ROLLCALL_RESOLVE_FROM: 'consul' },
      ['ROLLCALL_RESOLVE_FROM: expected one of ROLLCALL_REGISTRIES (cloudmap), got "consul"'],
    ],
    [
      'a certificate without its key',
      { ...CONSUL, CONSUL_CLIENT_CERT: 'PEM' },
      ['CONSUL_CLIENT_KEY: expected a value, got ""'],
    ],
    [
      'a key without its certificate',
      { ...CONSUL, CONSUL_CLIENT_KEY: 'PEM' },
      ['CONSUL_CLIENT_CERT: expected a value, got ""'],
    ],
    [
      'a certificate for Eureka without its key',
      { ...EUREKA, [EUREKA_URL]: 'https://eureka', EUREKA_CLIENT_TLS_CERT: 'PEM' },
      ['EUREKA_CLIENT_TLS_KEY: expected a value, got ""'],
    ],
    [
      'a key for Eureka without its certificate',
      { ...EUREKA, [EUREKA_URL]: 'https://eureka', EUREKA_CLIENT_TLS_KEY: 'PEM' },
      ['EUREKA_CLIENT_TLS_CERT: expected a value, got ""'],
    ],
    ['no Eureka', EUREKA, [`${EUREKA_URL}: expected a value, got ""`]],
  ])('%s', async (_what, env, faults) => {
    expect(await faultsOf(env)).toEqual(faults);
  });

  it('every fault at once, in one error', async () => {
    const env = {
      ROLLCALL_REGISTRIES: 'consul,zookeeper',
      ROLLCALL_MODE: 'maybe',
      ROLLCALL_RESOLVE_TTL: '-1',
      ROLLCALL_TYPO: '1',
      CONSUL_HTTP_TOKEN: 'ssm:/missing',
    };
    const faults = await faultsOf(env);
    expect(faults.map((fault) => fault.split(':')[0]).toSorted()).toEqual([
      'CONSUL_HTTP_ADDR',
      'CONSUL_HTTP_TOKEN',
      'ROLLCALL_MODE',
      'ROLLCALL_OWNER',
      'ROLLCALL_REGISTRIES',
      'ROLLCALL_RESOLVE_TTL',
      'ROLLCALL_TYPO',
    ]);
    await expect(load(env)).rejects.toThrow(`configuration: ${faults.join('; ')}`);
  });
});

describe('a secret', () => {
  const SECRET = 'hunter2-hunter2';
  const SECRETS = {
    ROLLCALL_RESOLVE_TOKEN: SECRET,
    CONSUL_HTTP_TOKEN: SECRET,
    CONSUL_CACERT: SECRET,
    CONSUL_CLIENT_CERT: SECRET,
    CONSUL_CLIENT_KEY: SECRET,
    EUREKA_CLIENT_TLS_CACERT: SECRET,
    EUREKA_CLIENT_TLS_CERT: SECRET,
    EUREKA_CLIENT_TLS_KEY: SECRET,
    ROLLCALL_REGISTRIES: 'consul,eureka',
    [EUREKA_URL]: `http://user:${SECRET}@eureka:8761/eureka/`,
  };

  it('is in the configuration, and shows in no text made of it', async () => {
    const config = await load({ ...CONSUL, ...SECRETS });
    expect(config.consul?.token?.reveal()).toBe(SECRET);
    for (const name of ['ca', 'clientCert', 'clientKey'] as const)
      expect([config.consul?.[name]?.reveal(), config.eureka?.[name]?.reveal()]).toEqual([
        SECRET,
        SECRET,
      ]);
    expect(JSON.stringify(config)).not.toContain(SECRET);
    expect(`${config.consul?.token} ${config.eureka?.urls}`).toBe('[secret] [secret]');
  });

  it.each<[string, Environment]>([
    ['a Eureka URL', { ...EUREKA, [EUREKA_URL]: `ftp://user:${SECRET}@eureka` }],
    [
      'a Eureka URL that no parser takes',
      { ...EUREKA, [EUREKA_URL]: `http://user:${SECRET}/x@eureka:no` },
    ],
    [
      'the second of several',
      { ...EUREKA, [EUREKA_URL]: `http://ok:8761/eureka,ftp://u:${SECRET}@h` },
    ],
    [
      'a Consul address with a password',
      { ...CONSUL, CONSUL_HTTP_ADDR: `ftp://user:${SECRET}@consul` },
    ],
    [
      'a password with a slash in it',
      { ...CONSUL, CONSUL_HTTP_ADDR: `http://user:a/${SECRET}@consul` },
    ],
  ])('is not told by the fault of %s', async (_what, env) => {
    const [fault] = await faultsOf(env);
    expect(fault).toMatch(/: expected an http or https address, got \[secret\]$/);
  });

  it('is not told where it was given by reference to a setting that is no secret', async () => {
    const env = { ...STACK, ROLLCALL_POLICY: 'secretsmanager:arn:aws:x' };
    expect(await faultsOf(env, async () => SECRET)).toEqual([
      'ROLLCALL_POLICY: expected one of observe, create-only, upsert-only, sync, got [secret]',
    ]);
  });
});

describe('a value given by reference', () => {
  it('is fetched once, trimmed, and stands for any setting', async () => {
    const asked: string[] = [];
    const read: ReadReference = async (reference) => {
      asked.push(reference);
      return reference.startsWith('ssm:') ? ' upsert-only\n' : 'token\n';
    };
    const env = {
      ...CONSUL,
      ROLLCALL_POLICY: 'ssm:/policy',
      CONSUL_HTTP_TOKEN: 'secretsmanager:arn:x',
    };
    const config = await load(env, read);
    expect(config.policy).toBe('upsert-only');
    expect(config.consul?.token?.reveal()).toBe('token');
    expect(asked.toSorted()).toEqual(['secretsmanager:arn:x', 'ssm:/policy']);
  });

  it('is read again on demand, and says whether it has changed', async () => {
    const texts = ['old', 'old', 'new\n'];
    const config = await load(
      { ...CONSUL, CONSUL_HTTP_TOKEN: 'ssm:/t' },
      async () => texts.shift() ?? '',
    );
    const token = config.consul?.token;
    expect(await token?.refresh()).toBe(false);
    expect(await token?.refresh()).toBe(true);
    expect(token?.reveal()).toBe('new');
  });

  it('that cannot be read again stays as it was', async () => {
    let calls = 0;
    const read: ReadReference = async () => {
      if (calls++ > 0) throw new Error('throttled');
      return 'old';
    };
    const config = await load({ ...CONSUL, CONSUL_HTTP_TOKEN: 'ssm:/t' }, read);
    await expect(config.consul?.token?.refresh()).rejects.toThrow('throttled');
    expect(config.consul?.token?.reveal()).toBe('old');
  });

  it('never changes where it was given in place', async () => {
    const config = await load({ ...CONSUL, CONSUL_HTTP_TOKEN: 'plain' });
    expect(await config.consul?.token?.refresh()).toBe(false);
  });

  it('of a registry that is not chosen is not read', async () => {
    const unused = { CONSUL_HTTP_TOKEN: 'ssm:/t', [EUREKA_URL]: 'secretsmanager:arn:e' };
    expect(await load({ ...STACK, ...unused })).toEqual(await load(STACK));
  });

  it('that cannot be read is a fault naming variable, reference and cause', async () => {
    const read: ReadReference = async () => {
      throw Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    };
    expect(await faultsOf({ ...CONSUL, CONSUL_HTTP_TOKEN: 'ssm:/t' }, read)).toEqual([
      'CONSUL_HTTP_TOKEN: ssm:/t cannot be read: AccessDeniedException: not authorized',
    ]);
  });

  it('that turns out empty counts as unset', async () => {
    const read: ReadReference = async () => '';
    expect((await load({ ...STACK, ROLLCALL_POLICY: 'ssm:/p' }, read)).policy).toBe('sync');
    expect(await faultsOf({ ...EUREKA, [EUREKA_URL]: 'ssm:/e' }, read)).toEqual([
      `${EUREKA_URL}: expected a value, got ""`,
    ]);
  });
});
