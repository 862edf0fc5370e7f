import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimsUnder } from '../../../shared/derive/claim-fault.ts';
import { derive } from '../../../shared/derive/derive.ts';
import type { Reason } from '../../../shared/derive/ports.ts';
import type { Identity } from '../../../shared/model/registration.ts';
import type { ContainerDefinition } from '../../../shared/model/task.ts';
import { container, definition, nameRules, port, rules, task } from './builders.ts';

const NAMES = ['web', 'shop', 'canary', 'web-x', 'shop-81', 'pay', 'web-81'];
const someName = fc.constantFrom(...NAMES);
const KEYS = ['SERVICE_NAME', 'SERVICE_80_NAME', 'SERVICE_81_NAME'];

const containerCalled = (name: string, { among, upTo }: { among: number[]; upTo: number }) =>
  fc
    .record({
      ports: fc.uniqueArray(fc.constantFrom(...among), { minLength: 1, maxLength: upTo }),
      labels: fc.dictionary(fc.constantFrom(...KEYS), someName, { maxKeys: 2 }),
    })
    .map(({ ports, labels }) => container({ name, ports: ports.map((one) => port(one)), labels }));

const someTag = fc.option(someName, { nil: undefined });
const someSharing = fc.constantFrom('warn' as const, 'refuse' as const);
const foreign = NAMES.filter((name) => name !== 'web');

const textOf = ({ service, id }: Identity) => `${service} ${id}`;

interface Given {
  readonly containers: ContainerDefinition[];
  readonly tag: string | undefined;
  /** Names to which others have the better right while the task runs. */
  readonly isTaken: (key: string) => boolean;
  readonly shared: 'warn' | 'refuse';
}

const expectStopToNameAll = ({ containers, tag, isTaken, shared }: Given) => {
  const under = rules({ names: nameRules({ shared }) });
  const given = definition({ containers, tags: tag ? { 'rollcall:name': tag } : {} });
  const owner = (key: string) => ({ owner: `prod/${key}`, isService: true, isPlain: true });
  const claims = claimsUnder((key) => (isTaken(key) ? [owner(key)] : []), under);
  const running = derive({ task: task(), definition: given, claims }, under).identities;
  for (const obstacle of OVER) {
    const { identities } = derive({ task: task(), definition: given, obstacle }, under);
    expect(identities.map(textOf)).toEqual(expect.arrayContaining(running.map(textOf)));
    expect(new Set(identities.map(textOf)).size).toBe(identities.length);
  }
};

const OVER: readonly Reason[] = [
  ['not-running', 'it stops'],
  ['host-down', 'its host stops'],
];

describe('a stop', () => {
  it('names what the tag gave where a label says the plain name, which an older service had', () => {
    const labels = { SERVICE_NAME: 'web' };
    const containers = [
      container({ name: 'app', ports: [port(80)] }),
      container({ name: 'other', ports: [port(80)], labels }),
    ];
    const isTaken = (key: string) => key === 'web';
    expectStopToNameAll({ containers, tag: 'canary', isTaken, shared: 'refuse' });
  });

  it('names what a task has left whose labels say its service’s name, and others that are lost', () => {
    const containers = [
      container({
        name: 'app',
        ports: [port(80), port(82)],
        labels: { SERVICE_80_NAME: 'canary', SERVICE_NAME: 'web' },
      }),
      container({
        name: 'other',
        ports: [port(82), port(80)],
        labels: { SERVICE_81_NAME: 'web', SERVICE_NAME: 'web-81' },
      }),
    ];
    expectStopToNameAll({ containers, tag: 'canary', isTaken: () => true, shared: 'warn' });
  });

  it('names each record that a task with two ports may have had, whoever else claims which of its names', () => {
    const property = fc.property(
      containerCalled('app', { among: [80], upTo: 1 }),
      containerCalled('other', { among: [80, 81], upTo: 1 }),
      someTag,
      fc.subarray(foreign),
      someSharing,
      (app, other, tag, taken, shared) =>
        expectStopToNameAll({
          containers: [app, other],
          tag,
          isTaken: (key) => taken.includes(key),
          shared,
        }),
    );
    fc.assert(property, { numRuns: 500 });
  });

  it('names each record of a task with six ports that had all of its names, or all but one, or none', () => {
    const property = fc.property(
      containerCalled('app', { among: [80, 81, 82], upTo: 3 }),
      containerCalled('other', { among: [80, 81, 82], upTo: 3 }),
      someTag,
      fc.oneof(
        fc.constantFrom(true, false).map((all) => () => all),
        someName.map((name) => (key: string) => key === name),
      ),
      someSharing,
      (app, other, tag, isTaken, shared) =>
        expectStopToNameAll({ containers: [app, other], tag, isTaken, shared }),
    );
    fc.assert(property, { numRuns: 500 });
  });
});
