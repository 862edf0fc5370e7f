import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Moto, motoPython, startMoto } from '../../scripts/real/moto.ts';
import { logReader } from '../../shared/platform/aws/log-reader.ts';
import { createPublisher } from '../../shared/platform/publish.ts';
import { readBackwards } from '../../shared/sync/admin/history/read-log.ts';
import { outcome } from '../unit/sync/admin/history/records.ts';
import { withReal } from './real.ts';
import { type Ask, asking } from './support/stack.ts';

const GROUP = '/aws/lambda/rollcall-prod';
const MINUTE = 60_000;

await withReal('moto', motoPython, (python) => {
  describe('history over CloudWatch Logs as another wrote it', () => {
    let moto: Moto;
    let ask: Ask;
    const now = Date.now();
    const line = (id: string, minutes: number) => ({
      timestamp: now - minutes * MINUTE,
      message: JSON.stringify(
        outcome({ id, time: new Date(now - minutes * MINUTE).toISOString() }),
      ),
    });
    beforeAll(async () => {
      moto = await startMoto(python);
      ask = asking(moto, python);
      vi.stubEnv('AWS_ENDPOINT_URL', moto.url);
      for (const [name, value] of Object.entries(moto.environment)) vi.stubEnv(name, value);
      const stream = (logStreamName: string) => ({ logGroupName: GROUP, logStreamName });
      await ask(['logs', 'create_log_group', { logGroupName: GROUP }]);
      for (const [name, logEvents] of [
        ['2026/01/02/rollcall-prod-on-task-event[$LATEST]a', [line('a', 300), line('b', 20)]],
        ['2026/01/02/rollcall-prod-reconcile[$LATEST]b', [line('c', 10)]],
      ] as const)
        await ask(
          ['logs', 'create_log_stream', stream(name)],
          ['logs', 'put_log_events', { ...stream(name), logEvents }],
        );
    });
    afterAll(async () => {
      vi.unstubAllEnvs();
      await moto?.stop();
    });

    test('finds what every function wrote, part by part, backwards', async () => {
      // moto takes a filter of JSON for one that matches all; what comes is looked through anyway.
      const pace = { read: logReader(GROUP), now: Date.now, sleep: async () => {} };
      const span = { pattern: '{ $.kind = "outcome" }', from: now - 360 * MINUTE, to: now };
      const parts: string[][] = [];
      for await (const { records } of readBackwards(span, pace, AbortSignal.timeout(30_000)))
        parts.push(records.map(({ id }) => id));
      expect(parts).toEqual([['b', 'c'], ['a'], []]);
    });

    test('says that there is no such log group', async () => {
      const query = { pattern: '', from: now - MINUTE, to: now };
      await expect(
        logReader('/aws/lambda/other')(query, AbortSignal.timeout(30_000)),
      ).rejects.toThrow('log group does not exist');
    });

    test('publishes an outcome to a bus, where a rule for it leads on, and no other', async () => {
      const pattern = (source: string) =>
        JSON.stringify({ source: [source], 'detail-type': ['Rollcall Registration Change'] });
      await ask(
        ['logs', 'create_log_group', { logGroupName: '/ours' }],
        ['logs', 'create_log_group', { logGroupName: '/ecs' }],
        ['events', 'put_rule', { Name: 'ours', EventPattern: pattern('rollcall') }],
        ['events', 'put_rule', { Name: 'ecs', EventPattern: pattern('aws.ecs') }],
        ...['ours', 'ecs'].map(
          (Rule) =>
            [
              'events',
              'put_targets',
              {
                Rule,
                Targets: [
                  { Id: 'log', Arn: `arn:aws:logs:eu-central-1:123456789012:log-group:/${Rule}` },
                ],
              },
            ] as const,
        ),
      );
      expect(await createPublisher()([JSON.stringify(outcome())])).toBeUndefined();
      const found = async (group: string) => {
        const query = { pattern: '', from: 0, to: Date.now() + MINUTE };
        const { lines } = await logReader(group)(query, AbortSignal.timeout(30_000));
        return lines.map((one) => JSON.parse(one).detail);
      };
      expect(await found('/ours')).toEqual([outcome()]);
      expect(await found('/ecs')).toEqual([]);
    });
  });
});
