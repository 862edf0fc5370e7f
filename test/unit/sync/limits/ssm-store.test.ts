import 'aws-sdk-client-mock-vitest/extend';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSsm } from '../../../../local/aws/ssm.ts';
import { createWorld } from '../../../../local/aws/world.ts';
import type { Summary } from '../../../../shared/model/summary.ts';
import { NO_REMOVALS } from '../../../../shared/plan/removals.ts';
import { parameterText } from '../../../../shared/platform/aws/parameter.ts';
import { ssmStore } from '../../../../shared/sync/limits/ssm-store.ts';
import { serve } from '../../local/sdk.ts';

const live = () => new AbortController().signal;

const setUp = (Value?: string) => {
  const client = new SSMClient({ region: 'eu-west-1' });
  const ssm = mockClient(client);
  ssm.on(GetParameterCommand).resolves({ Parameter: { ...(Value !== undefined && { Value }) } });
  return {
    ssm,
    store: ssmStore(
      { summaryParameter: '/s', releaseParameter: '/r', removalsParameter: '/m' },
      client,
    ),
  };
};

describe('the store', () => {
  it('gives back what it was given', async () => {
    const { ssm, store } = setUp('{"plan":"ab","until":5}');
    await store.saveApproval({ plan: 'ab', until: 5 }, live());
    expect(ssm).toHaveReceivedCommandWith(PutParameterCommand, {
      Name: '/r',
      Value: '{"plan":"ab","until":5}',
      Overwrite: true,
    });
    expect(await store.readApproval(live())).toEqual({ plan: 'ab', until: 5 });
    expect(ssm).toHaveReceivedCommandWith(GetParameterCommand, { Name: '/r' });
  });

  it('holds nothing where the parameter is as the stack makes it', async () => {
    const { store } = setUp('{}');
    expect([await store.readSummary(live()), await store.readApproval(live())]).toEqual([
      undefined,
      undefined,
    ]);
    expect(await store.readRemovals(live())).toEqual(NO_REMOVALS);
  });

  const SUMMARY: Summary = {
    at: '2026-01-02T12:00:00.000Z',
    milliseconds: 12,
    policy: 'sync',
    clusters: 1,
    tasks: 2,
    registries: {
      consul: {
        records: 1,
        drift: 0,
        written: 0,
        removed: 0,
        failed: 0,
        withheld: 0,
        waiting: 0,
        unknown: 'x',
      },
    },
    withheld: [{ cluster: 'c', plan: 'ab', removals: 3, why: 'renamed' }],
    unfinished: ['c'],
    skips: [{ task: 't', code: 'no-ports', detail: 'd' }],
    failures: ['f'],
  };

  it('gives the summary back as it was, and takes one that names no limit for one of missing tasks', async () => {
    expect(await setUp(JSON.stringify(SUMMARY)).store.readSummary(live())).toEqual(SUMMARY);
    const [{ why: _, ...older } = { why: '' }] = SUMMARY.withheld;
    const text = JSON.stringify({ ...SUMMARY, withheld: [older] });
    expect((await setUp(text).store.readSummary(live()))?.withheld).toEqual([
      { ...older, why: 'missing' },
    ]);
  });

  it('gives back texts that name parameters, which SSM takes in no value', async () => {
    const { config } = await serve(createSsm(createWorld()));
    const store = ssmStore(
      { summaryParameter: '/s', releaseParameter: '/r', removalsParameter: '/m' },
      new SSMClient(config),
    );
    const texts = ['{{ssm:/a}}', '{{{x}}}', 'a {{ b', '\\{{', '\\\\{{{{"'];
    const summary = { ...SUMMARY, failures: texts, unfinished: texts };
    await store.saveSummary(summary, live());
    expect(await store.readSummary(live())).toEqual(summary);
    await store.saveApproval({ plan: '{{a}}', until: 5 }, live());
    expect(await store.readApproval(live())).toEqual({ plan: '{{a}}', until: 5 });
    await store.saveRemovals(NO_REMOVALS, live());
    expect(await store.readRemovals(live())).toEqual(NO_REMOVALS);
  });

  it('stores no text with two opening braces in a row, whatever it is given', () => {
    const text = fc.string({ unit: fc.constantFrom('{', '}', '\\', '"', 'a') });
    fc.assert(
      fc.property(fc.dictionary(text, text), (value) => {
        const note = parameterText(value);
        expect(note).not.toContain('{{');
        expect(JSON.parse(note)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  const NONSENSE = [
    '',
    'oops',
    'null',
    '5',
    '"text"',
    '[]',
    '[{}]',
    '{"unfinished":{}}',
    '{"plan":5,"until":"x"}',
    '{"plan":"a","until":1e999}',
    '{"missing":[]}',
    '{"missing":{"1":{"AB":1}}}',
    '{"missing":{"x":{"ab":1}}}',
    '{"missing":{"1":{"ab":-1}}}',
    '{"missing":{"1":{"ab":1e999}}}',
    '{"missing":{"1":{"ab":0.5}}}',
    '{"missing":{},"else":1}',
    '{"released":{"no plan":1}}',
    JSON.stringify({ ...SUMMARY, unfinished: {} }),
    JSON.stringify({ ...SUMMARY, at: 'yesterday' }),
    JSON.stringify({ ...SUMMARY, withheld: [null] }),
    JSON.stringify({ ...SUMMARY, registries: { consul: {} } }),
    JSON.stringify({ ...SUMMARY, tasks: -1 }),
    'x'.repeat(100_000),
  ];
  it.each(NONSENSE)('finds no note in nonsense, and names the parameter: %#', async (text) => {
    const { store } = setUp(text);
    for (const read of [store.readSummary, store.readApproval, store.readRemovals]) {
      const error = await read(live()).then(String, (fault: Error) => fault.message);
      expect(error).toMatch(/^parameter \/[a-z]/);
      expect(error.length).toBeLessThanOrEqual(300);
    }
  });

  it('never takes what somebody wrote there for something else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        const { store } = setUp(text);
        const read = [store.readSummary, store.readApproval, store.readRemovals].map((one) =>
          one(live()),
        );
        for (const result of await Promise.allSettled(read)) {
          if (result.status === 'rejected') expect(String(result.reason)).toContain('parameter /');
          else expect([undefined, 'object']).toContain(result.value && typeof result.value);
        }
      }),
    );
  });

  it('knows nothing of the last hour where the parameter is not there, or is not named', async () => {
    const { ssm, store } = setUp();
    ssm
      .on(GetParameterCommand)
      .rejects(Object.assign(new Error('gone'), { name: 'ParameterNotFound' }));
    await expect(store.readRemovals(live())).rejects.toThrow('gone');
    const nameless = ssmStore({}, new SSMClient({ region: 'eu-west-1' }));
    await expect(nameless.readRemovals(live())).rejects.toThrow(
      'ROLLCALL_REMOVALS_PARAMETER: expected a value',
    );
    await expect(nameless.saveRemovals(NO_REMOVALS, live())).rejects.toThrow('expected a value');
  });

  it('holds nothing where the parameter is not there', async () => {
    const { ssm, store } = setUp();
    ssm.on(GetParameterCommand).rejects(Object.assign(new Error(), { name: 'ParameterNotFound' }));
    expect(await store.readSummary(live())).toBeUndefined();
  });

  it('is unreadable where SSM refuses', async () => {
    const { ssm, store } = setUp();
    ssm
      .on(GetParameterCommand)
      .rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    await expect(store.readApproval(live())).rejects.toThrow('no');
  });

  it('without parameters keeps nothing and finds nothing', async () => {
    const client = new SSMClient({ region: 'eu-west-1' });
    const ssm = mockClient(client);
    const store = ssmStore({}, client);
    await store.saveApproval({ plan: 'x', until: 1 }, live());
    expect(await store.readApproval(live())).toBeUndefined();
    expect(ssm.calls()).toEqual([]);
  });
});
