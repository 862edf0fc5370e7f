import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimsUnder } from '../../../shared/derive/claim-fault.ts';
import { derive } from '../../../shared/derive/derive.ts';
import type { Identity } from '../../../shared/model/registration.ts';
import { container, definition, nameRules, port, rules, task } from './builders.ts';

const NAMES = ['web', 'shop', 'canary', 'web-x', 'shop-81', 'pay', 'web-81'];
const someName = fc.constantFrom(...NAMES);
const KEYS = ['SERVICE_NAME', 'SERVICE_80_NAME', 'SERVICE_81_NAME'];

const containerCalled = (name: string) =>
  fc
    .record({
      ports: fc.uniqueArray(fc.constantFrom(80, 81, 82), { minLength: 1, maxLength: 3 }),
      labels: fc.dictionary(fc.constantFrom(...KEYS), someName, { maxKeys: 2 }),
    })
    .map(({ ports, labels }) => container({ name, ports: ports.map((one) => port(one)), labels }));

const textOf = ({ service, id }: Identity) => `${service} ${id}`;

describe('a stop', () => {
  it('names each record that the task may have had, whoever else claims which of its names', () => {
    const property = fc.property(
      fc.tuple(containerCalled('app'), containerCalled('other')),
      fc.option(someName, { nil: undefined }),
      fc.subarray(NAMES.filter((name) => name !== 'web')),
      fc.constantFrom('warn', 'refuse'),
      (containers, tag, taken, shared) => {
        const under = rules({ names: nameRules({ shared }) });
        const given = definition({ containers, tags: tag ? { 'rollcall:name': tag } : {} });
        const owner = (key: string) => ({ owner: `prod/${key}`, isService: true, isPlain: true });
        const claims = claimsUnder((key) => (taken.includes(key) ? [owner(key)] : []), under);
        const running = derive({ task: task(), definition: given, claims }, under).identities;
        const stopping = task({ desiredStatus: 'STOPPED' });
        const { identities } = derive({ task: stopping, definition: given }, under);
        expect(identities.map(textOf)).toEqual(expect.arrayContaining(running.map(textOf)));
        expect(new Set(identities.map(textOf)).size).toBe(identities.length);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
