import { describe, expect, it } from 'vitest';
import { purge } from '../../../shared/sync/admin/purge.ts';
import { fakeRegistry, live, recordOf, worldOf } from './fakes.ts';

const observe = { policy: 'observe' } as const;

describe('a purge', () => {
  it('believes no list that may hide records: it fails there, and deletes no service', async () => {
    const calls: string[] = [];
    const registry = fakeRegistry([], {
      list: async () => ({ records: [], unknown: 'the server has just started' }),
      removeEmptyServices: async () => {
        calls.push('removeEmptyServices');
        return ['web'];
      },
    });
    const { deps } = worldOf({ registries: [registry], config: observe });
    const { json } = await purge({ dryRun: false }, deps, live());
    expect(json).toEqual([
      { registry: 'consul', error: expect.stringContaining('the server has just started') },
    ]);
    expect(calls).toEqual([]);
  });

  it('still removes what such a list does show', async () => {
    const registry = fakeRegistry([recordOf('a')], { staleLists: true });
    const list = registry.list;
    const hiding = {
      ...registry,
      list: async (...args: Parameters<typeof list>) => ({
        ...(await list(...args)),
        unknown: 'some may be hidden',
      }),
    };
    const { deps } = worldOf({ registries: [hiding], config: observe });
    const { json } = await purge({ dryRun: false }, deps, live());
    expect(registry.records.size).toBe(0);
    expect(json).toEqual([{ registry: 'consul', error: expect.stringContaining('1 removed') }]);
  });

  it('says of a dry run too that the list may hide records', async () => {
    const registry = fakeRegistry([], { list: async () => ({ records: [], unknown: 'warming up' }) });
    const { deps } = worldOf({ registries: [registry] });
    const { json } = await purge({ dryRun: true }, deps, live());
    expect(json).toEqual([{ registry: 'consul', error: expect.stringContaining('warming up') }]);
  });
});
