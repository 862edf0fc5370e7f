import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageStack } from '../../scripts/stack/package-stack.ts';
import { deployed } from '../../scripts/stack/template.ts';
import { type Right, rightsOf } from '../unit/stack/rights.ts';
import { observeCalls, RIGHTS, ROLES, type Role } from './calls.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * What AWS itself does with a role, or asks for besides; the functions' own code never calls it.
 */
const IMPLIED = [
  /^logs:(CreateLogStream|PutLogEvents)$/,
  /^sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)$/,
  /^servicediscovery:TagResource$/,
  /^route53:/,
  /^kms:/,
  /^ec2:(DeleteNetworkInterface|DescribeNetworkInterfaces|UnassignPrivateIpAddresses)$/,
];

/** Commands of the SDK in what is deployed, by the name of the operation. */
const operationsInCode = async () => {
  const found = new Set<string>();
  for await (const file of glob(['shared/**/*.ts', 'functions/*.ts'], { cwd: ROOT }))
    for (const [, name = ''] of (await readFile(join(ROOT, file), 'utf8')).matchAll(COMMAND))
      found.add(name);
  return [...found].sort();
};
const COMMAND = /new ([A-Z]\w+)Command\(/g;

/** Discover* have a data plane of their own. */
const endpointOf = (action: string) =>
  `${action.includes(':Discover') ? 'data-' : ''}${action.replace(/:.*/, '')}`;

describe('what the functions ask of AWS', () => {
  let rights: readonly Right[];
  let calls: Awaited<ReturnType<typeof observeCalls>>;
  beforeAll(async () => {
    const template = deployed(await packageStack(), {
      registries: 'cloudmap,consul,eureka',
      address: 'public',
      publishEvents: 'on',
      pageHistory: 'on',
      secretArns: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:eureka',
      resolveSecretArns: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:eureka',
      parameterArns: 'arn:aws:ssm:eu-central-1:111122223333:parameter/eureka',
    });
    rights = rightsOf(template).filter(({ effect }) => effect === 'Allow');
    calls = await observeCalls();
  });

  const granted = (role: Role) =>
    new Set(rights.filter((one) => one.role === role).map(({ action }) => action));

  it.each(ROLES)('is all within %s', (role) => {
    expect(calls[role].size).toBeGreaterThan(0);
    expect([...calls[role]].filter((action) => !granted(role).has(action))).toEqual([]);
  });

  it.each(ROLES)('is all that %s grants, but for what AWS does with it', (role) => {
    const unused = [...granted(role)].filter((action) => !calls[role].has(action));
    expect(unused.filter((action) => !IMPLIED.some((pattern) => pattern.test(action)))).toEqual([]);
  });

  it.each(ROLES)('is behind the endpoints that docs/networking.md names for %s', async (role) => {
    const page = await readFile(join(ROOT, 'docs/networking.md'), 'utf8');
    const name = role
      .replace(/Role$/, '')
      .replaceAll(/\B[A-Z]/g, '-$&')
      .toLowerCase();
    const row = new RegExp(`^\\| ${name} \\|.*$`, 'm').exec(page)?.[0] ?? '';
    const named = [...row.matchAll(/`([a-z0-9-]+)`/g)].map(([, endpoint = '']) => endpoint);
    const used = new Set([...calls[role]].map(endpointOf));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((endpoint) => !used.has(endpoint))).toEqual([]);
    // References bring these to every function; the page says so.
    expect(
      [...used].filter((endpoint) => ![...named, 'secretsmanager', 'ssm'].includes(endpoint)),
    ).toEqual([]);
  });

  it('was asked in full: no call stands in the code that no function has made here', async () => {
    const made = new Set(
      Object.values(calls).flatMap((all) => [...all].map((action) => action.split(':')[1])),
    );
    const operations = (await operationsInCode()).map((name) => RIGHTS[name] ?? name);
    expect(operations.length).toBeGreaterThan(20);
    expect(operations.filter((name) => name !== 'Invalid' && !made.has(name))).toEqual([]);
  });
});
