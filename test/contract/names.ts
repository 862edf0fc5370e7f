import { expect } from 'vitest';
import type { Instance } from '../../shared/model/registration.ts';
import { KEY } from '../../shared/model/registration.ts';
import { expectHeld, expectWritten, type Fact, quiet, removals, type Stage } from './stage.ts';

const HOSTILE = [
  'a/b',
  '../admin',
  '..',
  'with space',
  'say "quoted"',
  "it's",
  'back\\slash',
  'a?b=c&d#e',
  'a%2Fb%00',
  'straße-日本',
  'x'.repeat(300),
  'dotted.name.example',
  'UPPER_case',
  '-dash-',
  '<script>',
  'constructor',
  '__proto__',
] as const;

const hostileName = (name: string): Fact => ({
  name: `carries or maps the name ${JSON.stringify(name.length > 40 ? `${name.slice(0, 8)}… (${name.length})` : name)} without reaching another record`,
  async run(stage) {
    const neighbour = await stage.put(stage.instance());
    const records = await stage.put(stage.instance({ service: name }));
    await expectHeld(stage.running, [...neighbour, ...records]);
    await stage.running.directory.instances(name, quiet());
    expectWritten(await stage.apply(removals(records)));
    await expectHeld(stage.running, neighbour);
  },
});

/** What does not come back as it was given must have been said in a note. */
const expectNoted = ({ running }: Stage, made: Instance) => {
  const { records, notes } = running.registry.fit(made);
  const lost = Object.entries(made.metadata).filter(([key, value]) =>
    records.some(({ metadata }) => metadata[key] !== value),
  );
  if (lost.length > 0) expect(notes).not.toEqual([]);
  for (const { metadata } of records)
    for (const key of [KEY.owner, KEY.cluster, KEY.task])
      expect(metadata[key]).toBe(made.metadata[key]);
};

const metadataOf = (title: string, metadata: Readonly<Record<string, string>>): Fact => ({
  name: `registers an instance with ${title}, and says what it could not carry`,
  async run(stage) {
    const made = stage.instance({ metadata });
    expectNoted(stage, made);
    await expectHeld(stage.running, await stage.put(made));
  },
});

export const names: readonly Fact[] = [
  ...HOSTILE.map(hostileName),
  metadataOf(
    '200 metadata entries',
    Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [`key-${String(at).padStart(3, '0')}`, `${at}`]),
    ),
  ),
  metadataOf('values of 5,000 characters', {
    long: 'v'.repeat(5_000),
    'long.too': 'w'.repeat(1_025),
  }),
  metadataOf('a key of 500 characters', { ['k'.repeat(500)]: 'v', ['k'.repeat(501)]: 'w' }),
  metadataOf('dots, colons and spaces in keys', {
    'management.port': '9001',
    management_port: '9002',
    'a:b': 'c',
    'a b': 'd',
    'consul-x': 'e',
    AWS_INIT_HEALTH_STATUS: 'UNHEALTHY',
    '@class': 'f',
  }),
  metadataOf('keys that are properties of every object', {
    constructor: 'a',
    toString: 'b',
    hasOwnProperty: 'c',
  }),
  metadataOf('empty, multi-line and non-ASCII values', {
    empty: '',
    lines: 'one\ntwo\r\n\tthree',
    text: 'straße 日本 🚀',
    quotes: `"'<&>\\`,
    space: '  around  ',
  }),
  {
    name: 'carries tags with commas, backslashes, spaces and any language',
    async run(stage) {
      const tags = ['', 'a,b', 'back\\slash', 'back\\,both', 'straße 日本', 'two words'].toSorted();
      await expectHeld(stage.running, await stage.put(stage.instance({ tags })));
    },
  },
  {
    name: 'reads and removes nothing by an id or name that looks like a path',
    async run(stage) {
      const stays = await stage.put(stage.instance());
      const { cluster } = stage.running;
      for (const hostile of [
        '../..',
        `../${stage.service}`,
        `${stage.service}/${stays[0]?.id}`,
        '*',
        '%',
        '?x',
      ]) {
        const refs = [
          { service: hostile, id: hostile, cluster },
          { service: stage.service, id: hostile, cluster },
        ];
        expect(await stage.running.registry.get(refs, quiet())).toEqual([]);
        for (const { status } of await stage.apply(removals(refs)))
          expect(['done', 'unchanged', 'refused']).toContain(status);
      }
      await expectHeld(stage.running, stays);
    },
  },
];
