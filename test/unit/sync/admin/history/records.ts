import type { OutcomeRecord, RecordState } from '../../../../../shared/model/outcome-record.ts';

export const NOW = Date.parse('2026-01-02T12:00:00.000Z');

export const state = (more: Partial<RecordState> = {}): RecordState => ({
  service: 'web',
  address: '10.0.0.1',
  port: 8080,
  health: 'healthy',
  ...more,
});

/** `web/a` of the task `a`, registered in Consul by an event, unless a test says otherwise. */
export const outcome = (more: Partial<OutcomeRecord> = {}): OutcomeRecord => {
  const { what = 'upsert', status = 'done', service = 'web' } = more;
  return {
    rollcall: 1,
    kind: 'outcome',
    time: new Date(NOW).toISOString(),
    level: 'info',
    message: `${what} ${status}`,
    registry: 'consul',
    path: 'event',
    what,
    status,
    service,
    name: service.toLowerCase(),
    id: 'a',
    task: 'arn:aws:ecs:eu-west-1:111122223333:task/shop/a',
    why: 'task is running',
    ...(what !== 'remove' && { after: state() }),
    ...more,
  };
};
