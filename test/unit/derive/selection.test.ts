import { describe, expect, test } from 'vitest';
import { type Case, container, derived, labelled, names, port, reasons } from './builders.ts';

const two = [port(80), port(81)];

describe('a port is left out', () => {
  const rows: readonly (readonly [string, Case, readonly string[]])[] = [
    [
      'when SERVICE_IGNORE is set',
      { containers: labelled({ SERVICE_IGNORE: 'true' }) },
      ['app 8080 ignored'],
    ],
    [
      'even when it is set to false',
      { containers: labelled({ SERVICE_IGNORE: 'false' }) },
      ['app 8080 ignored'],
    ],
    ['not when it is empty', { containers: labelled({ SERVICE_IGNORE: '' }) }, []],
    [
      'alone, when SERVICE_<port>_IGNORE is set',
      { containers: labelled({ SERVICE_81_IGNORE: '1' }, ...two) },
      ['app 81 ignored'],
    ],
    [
      'unless SERVICE_<port>_IGNORE is empty and wins over SERVICE_IGNORE',
      { containers: labelled({ SERVICE_IGNORE: '1', SERVICE_80_IGNORE: '' }, ...two) },
      ['app 81 ignored'],
    ],
    ['when rollcall:ignore is set', { tags: { 'rollcall:ignore': 'no' } }, ['app 8080 ignored']],
    [
      'when rollcall:port selects another',
      { containers: labelled({}, ...two), tags: { 'rollcall:port': '80' } },
      ['app 81 not-selected'],
    ],
    ['when its container maps none', { containers: [container({ ports: [] })] }, ['app no-ports']],
    ['when its task opts in by nothing', { rules: { mode: 'opt-in' } }, ['app 8080 not-opted-in']],
    [
      'when only another port of its container opts in',
      { rules: { mode: 'opt-in' }, containers: labelled({ SERVICE_80_NAME: 'a' }, ...two) },
      ['app 81 not-opted-in'],
    ],
    [
      'when the name it opts in with is empty',
      { rules: { mode: 'opt-in' }, containers: labelled({ SERVICE_NAME: '' }) },
      ['app 8080 not-opted-in'],
    ],
  ];
  test.each(rows)('%s', (_, given, expected) => {
    expect(reasons(given)).toEqual(expected);
    const ports = given.containers?.flatMap(({ ports }) => ports).length ?? 1;
    const left = expected.filter((reason) => /\d/.test(reason)).length;
    expect(derived(given).instances).toHaveLength(ports - left);
    expect(derived(given).identities).toHaveLength(ports - left);
  });
});

describe('opt-in counts', () => {
  const optIn = (given: Case): Case => ({ rules: { mode: 'opt-in' }, ...given });
  test.each<readonly [string, Case]>([
    ['SERVICE_NAME as a label', { containers: labelled({ SERVICE_NAME: 'shop' }) }],
    ['SERVICE_<port>_NAME as a label', { containers: labelled({ SERVICE_8080_NAME: 'shop' }) }],
    [
      'SERVICE_NAME in the environment',
      { containers: [container({ environment: { SERVICE_NAME: 'shop' } })] },
    ],
    ['SERVICE_NAME in the overrides', { task: { overrides: { app: { SERVICE_NAME: 'shop' } } } }],
    ['the tag rollcall:name', { tags: { 'rollcall:name': 'shop' } }],
  ])('%s', (_, given) => expect(names(optIn(given))).toEqual(['8080/tcp shop']));
});

test('a selector that fits no port leaves all out, and says so', () => {
  const given = { tags: { 'rollcall:port': 'grpc' } };
  expect(reasons(given)).toEqual(['app 8080 not-selected']);
  expect(derived(given).notes).toEqual(['tag rollcall:port: no port is called grpc']);
});

test('the reason names the task, the port and the field', () =>
  expect(derived({ containers: labelled({ SERVICE_IGNORE: '1' }) }).skips).toEqual([
    {
      task: 'arn:aws:ecs:eu-west-1:111122223333:task/shop/0123456789abcdef0123456789abcdef',
      container: 'app',
      port: 8080,
      code: 'ignored',
      detail: 'container app, port 8080/tcp: SERVICE_IGNORE or rollcall:ignore is set',
    },
  ]));

test('an injected sidecar that the definition does not know is not registered', () =>
  expect(
    names({
      task: { containers: [{ name: 'aws-guardduty-agent', bindings: [], ipv4: '10.0.1.163' }] },
    }),
  ).toEqual(['8080/tcp web']));
