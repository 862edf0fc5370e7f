import { describe, expect, test } from 'vitest';
import { KEY, type Registration, type Target } from '../../../../shared/model/registration.ts';
import { compare, type Row } from '../../../../shared/sync/admin/compare.ts';
import { recordOf } from '../fakes.ts';
import { held } from './held.ts';

const desired = (more: Partial<Registration> = {}): Registration => recordOf('a', more);

const kinds = (rows: readonly Row[]) => rows.map(({ kind }) => kind);
const differing = (a: Partial<Target>, b: Partial<Registration> = {}) =>
  compare([held(a)], [desired(b)]).flatMap((row) =>
    'differs' in row ? [row.kind, ...row.differs.map(({ field }) => field)] : [row.kind],
  );

describe('two records are', () => {
  test.each<readonly [string, Partial<Target>, Partial<Registration>, readonly string[]]>([
    ['the same by name, address and port', {}, {}, ['same']],
    [
      'the same in whatever order tags stand',
      { tags: ['b', 'a', 'a'] },
      { tags: ['a', 'b'] },
      ['same'],
    ],
    ['the same where only Rollcall adds metadata', {}, { metadata: { more: 'x' } }, ['same']],
    ['different in name, in one place', { service: 'web-8080' }, {}, ['different', 'name']],
    ['different in port, under one name and address', { port: 1 }, {}, ['different', 'port']],
    [
      'different in address, under one name and port',
      { address: '10.9.9.9' },
      {},
      ['different', 'address'],
    ],
    ['different in tags', { tags: ['a'] }, { tags: ['b'] }, ['different', 'tags']],
    [
      'different in metadata that Consul holds, key by key',
      { metadata: { a: '1', b: '2', c: '3' } },
      { metadata: { a: '1', b: 'x' } },
      ['different', 'metadata.b', 'metadata.c'],
    ],
    ['none of each other’s in another protocol', { protocol: 'udp' }, {}, ['missing', 'added']],
    [
      'none of each other’s by name alone',
      { address: '10.9.9.9', port: 1 },
      {},
      ['missing', 'added'],
    ],
  ])('%s', (_, a, b, expected) => expect(differing(a, b)).toEqual(expected));

  test('told with both values where they differ', () =>
    expect(compare([held({ metadata: { a: '1' } })], [desired()])).toMatchObject([
      { differs: [{ field: 'metadata.a', held: '1', desired: undefined }] },
    ]));
});

describe('a record that only Consul holds', () => {
  test.each([
    ['host-1:ecs-web-1-app-9af2:8080', 'missing'],
    ['host-1:ecs-dns-1-app-9af2:53:udp', 'missing'],
    ['consul', 'other'],
    ['web-1', 'other'],
    ['host-1:app:http', 'other'],
  ])('is Registrator’s by its id, or another’s: %s is %s', (id, kind) =>
    expect(kinds(compare([held({ id })], []))).toEqual([kind]),
  );

  test('is in no row where a Rollcall wrote it, this one or another', () =>
    expect(compare([held({ metadata: { [KEY.owner]: 'somebody' } })], [])).toEqual([]));
});

test('a record that is the same is never given up for one that is merely like it', () => {
  const rows = compare([held({ port: 1 }), held()], [desired()]);
  expect(kinds(rows)).toEqual(['missing', 'same']);
  const crossed = compare(
    [held(), held({ service: 'old', port: 9090 })],
    [desired({ service: 'new', port: 9090 }), desired()],
  );
  expect(kinds(crossed)).toEqual(['different', 'same']);
});

test('records of one name and place are each the same, as a host with a new name leaves them behind', () =>
  expect(
    kinds(compare([held(), held({ id: 'host-2:ecs-web-1-app-9af2:8080' })], [desired()])),
  ).toEqual(['same', 'same']));

test('rows come by kind, what calls for work first, then by name and place', () => {
  const rows = compare(
    [
      held({ id: 'x', service: 'z' }),
      held({ service: 'c', port: 3 }),
      held({ tags: ['x'] }),
      held({ service: 'b', port: 2 }),
      held({ service: 'b', port: 1 }),
    ],
    [desired(), desired({ service: 'd', port: 4 }), desired({ service: 'b', port: 1 })],
  );
  expect(
    rows.map((row) => [row.kind, 'held' in row ? row.held.service : row.desired.service]),
  ).toEqual([
    ['missing', 'b'],
    ['missing', 'c'],
    ['different', 'web'],
    ['added', 'd'],
    ['same', 'b'],
    ['other', 'z'],
  ]);
});
