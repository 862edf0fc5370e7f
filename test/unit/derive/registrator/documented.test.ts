import { describe, expect, test } from 'vitest';
import { fitInstance } from '../../../../shared/registries/consul/record.ts';
import { compare } from '../../../../shared/sync/admin/compare.ts';
import { register } from '../../../support/registrator.ts';
import {
  byRegistrator,
  deriveGiven,
  FLAGS,
  type Given,
  published,
  type Seen,
  toInspected,
} from './stage.ts';

/**
 * The examples of Registrator's own documentation (docs/user/services.md and backends.md), each
 * with the result that it gives, where it gives one. Ordered by host port.
 */
interface Example {
  readonly given: Given;
  readonly results: readonly Partial<Seen>[];
}

const redis = (environment: Record<string, string> = {}): Given => ({
  image: 'progrium/redis',
  env: environment,
  ports: [published(6379)],
});
const nginx = (environment: Record<string, string> = {}): Given => ({
  image: 'progrium/nginx',
  env: environment,
  ports: [published(443), published(80)],
});
const checked = (port: number, checks: Record<string, string>): Example => ({
  given: { ...nginx(checks), ports: [published(port)] },
  results: [{ name: 'nginx' }],
});

const EXAMPLES: Readonly<Record<string, Example>> = {
  'single service with defaults': {
    given: redis(),
    results: [{ name: 'redis', tags: [], attributes: {} }],
  },
  'single service with metadata': {
    given: redis({
      SERVICE_NAME: 'db',
      SERVICE_TAGS: 'master,backups',
      SERVICE_REGION: 'us2',
    }),
    results: [{ name: 'db', tags: ['backups', 'master'], attributes: { region: 'us2' } }],
  },
  'a comma escaped by a backslash': {
    given: redis({ SERVICE_NAME: 'db', SERVICE_TAGS: '/(;\\,:-_)/', SERVICE_REGION: 'us2' }),
    results: [{ name: 'db', tags: ['/(;,:-_)/'], attributes: { region: 'us2' } }],
  },
  'multiple services with defaults': {
    given: nginx(),
    results: [
      { name: 'nginx-80', tags: [], attributes: {} },
      { name: 'nginx-443', tags: [], attributes: {} },
    ],
  },
  'multiple services with metadata': {
    given: nginx({
      SERVICE_443_NAME: 'https',
      SERVICE_443_ID: 'https.12345',
      SERVICE_443_SNI: 'enabled',
      SERVICE_80_NAME: 'http',
      SERVICE_TAGS: 'www',
    }),
    results: [
      { name: 'http', tags: ['www'], attributes: {} },
      { name: 'https', tags: ['www'], attributes: { sni: 'enabled' } },
    ],
  },
  'labels in place of the environment': {
    given: {
      ...redis(),
      image: 'dockerfile/redis',
      labels: { SERVICE_NAME: 'db', SERVICE_TAGS: 'master,backups', SERVICE_REGION: 'us2' },
    },
    results: [{ name: 'db', tags: ['backups', 'master'], attributes: { region: 'us2' } }],
  },
  'names of all ports and of one': {
    given: nginx({ SERVICE_NAME: 'customerdb', SERVICE_80_NAME: 'api' }),
    results: [{ name: 'api' }, { name: 'customerdb-443' }],
  },
  'a region': {
    given: redis({ SERVICE_REGION: 'us-east' }),
    results: [{ attributes: { region: 'us-east' } }],
  },
  'one port ignored': {
    given: nginx({ SERVICE_80_IGNORE: 'true' }),
    results: [{ name: 'nginx-443' }],
  },
  'an HTTP check': checked(80, {
    SERVICE_80_CHECK_HTTP: '/health/endpoint/path',
    SERVICE_80_CHECK_INTERVAL: '15s',
    SERVICE_80_CHECK_TIMEOUT: '1s',
  }),
  'an HTTPS check': checked(443, {
    SERVICE_443_CHECK_HTTPS: '/health/endpoint/path',
    SERVICE_443_CHECK_INTERVAL: '15s',
    SERVICE_443_CHECK_TIMEOUT: '1s',
  }),
  'a TCP check': checked(443, {
    SERVICE_443_CHECK_TCP: 'true',
    SERVICE_443_CHECK_INTERVAL: '15s',
    SERVICE_443_CHECK_TIMEOUT: '3s',
  }),
  'a script': checked(80, { SERVICE_CHECK_SCRIPT: 'curl --silent --fail example.com' }),
  'a script with placeholders': checked(80, {
    SERVICE_CHECK_SCRIPT: 'nc $SERVICE_IP $SERVICE_PORT | grep OK',
  }),
  'a TTL': checked(80, { SERVICE_CHECK_TTL: '30s' }),
  'an initial status': checked(80, { SERVICE_CHECK_INITIAL_STATUS: 'passing' }),
  'another id': { given: redis({ SERVICE_ID: 'redis-1' }), results: [{ name: 'redis' }] },
  'one port named': {
    given: { image: 'ubuntu:14.04', env: { SERVICE_80_NAME: 'www' }, ports: [published(80)] },
    results: [{ name: 'www', tags: [], attributes: {} }],
  },
  'metadata for Eureka': {
    given: redis({
      SERVICE_EUREKA_METADATA_MYROUTES: '/route1*|/route2*',
      SERVICE_EUREKA_METADATA_BE_AWESOME: 'true',
    }),
    results: [{ name: 'redis' }],
  },
};

/** What parity compares: Consul as Registrator filled it, and what would be written to it. */
const rowsOf = (given: Given) => {
  const held = register(toInspected(given), FLAGS).map(
    ({ id, name, address, port, protocol, tags, attributes }) => ({
      id,
      service: name,
      address,
      port,
      protocol,
      healthy: true,
      zone: null,
      weight: 1,
      tags,
      metadata: attributes,
    }),
  );
  return compare(
    held,
    deriveGiven(given).instances.flatMap((instance) => fitInstance(instance).records),
  );
};

describe.each(Object.entries(EXAMPLES))('Registrator’s example: %s', (_, { given, results }) => {
  test('is what its documentation says', () => expect(byRegistrator(given)).toMatchObject(results));

  test('is the same in Consul after the move', () => {
    const rows = rowsOf(given);
    expect(rows.map(({ kind }) => kind)).toEqual(results.map(() => 'same'));
  });
});
