import type { Change, ChangeResult, Outcome } from '../../model/plan.ts';
import type { Registration } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { HttpReply, HttpRequest } from '../../platform/http/client.ts';
import { applyEach, failed, refused, toOutcome } from '../outcome.ts';
import { type Connection, describeReply } from './client.ts';
import { appPath, instancePath, isReachable, keyOf } from './names.ts';
import { getOne } from './read.ts';
import { fromRecord } from './record.ts';
import { isKeptByServer, statusFor } from './status.ts';

/**
 * Requests at once: a server on two cores answers some 3,600 registrations a second at 10, and no
 * more at 50.
 */
const CONCURRENCY = 10;

export const apply = (
  connection: Connection,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> => {
  const write = async (change: Change) =>
    toOutcome(change, await writeOne(connection, change, signal).catch(toResult), EUREKA);
  return applyEach(changes, write, { keyOf, concurrency: CONCURRENCY, signal });
};

/**
 * Heartbeats. They tell no `lastDirtyTimestamp`: one that is above the server's would be answered
 * 404, though the record is there.
 */
export const renew = (
  { client }: Connection,
  records: readonly Registration[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> =>
  mapBounded(records, CONCURRENCY, async (record) => {
    const request = { method: 'PUT', path: instancePath(record) } as const;
    const sent = client.request(request, signal).then((reply) => readReply(reply, 'gone'));
    const change: Change = { kind: 'upsert', record, reason: 'lease renewed' };
    return toOutcome(change, await sent.catch(toResult), { ...EUREKA, doing: 'renewing' });
  });

const EUREKA = { registry: 'eureka' } as const;

const toResult = (error: unknown): ChangeResult =>
  failed(error instanceof Error ? error.message : String(error));

const writeOne = async (
  connection: Connection,
  change: Change,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  if (change.kind === 'upsert') return upsert(connection, change, signal);
  if (change.kind === 'health') return setHealth(connection, change, signal);
  if (!isReachable(change.ref)) return refused('this id cannot stand in a path');
  const request = { method: 'DELETE', path: instancePath(change.ref) } as const;
  return readReply(await connection.client.request(request, signal), 'unchanged');
};

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>;

const upsert = async (
  connection: Connection,
  { record, before }: Of<'upsert'>,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  const overridden = before !== undefined && before.health === undefined;
  // DOWN and STARTING would win over an operator's override, which must stay.
  const status = statusFor(record, overridden ? undefined : record.health);
  const held = before?.health === 'healthy' ? statusFor(before, 'healthy') : status;
  if (isKeptByServer(held, status)) {
    const down = await register(connection, { record, status: 'DOWN' }, signal);
    if (down.status !== 'done') return down;
  }
  return register(connection, { record, status }, signal);
};

/**
 * Read first, since a registration would bring back a record that is gone. Should it go between the
 * two requests, the confirmation with ECS removes it again.
 */
const setHealth = async (
  connection: Connection,
  { record, health }: Of<'health'>,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  const held = await getOne(connection, record, signal);
  if (!held) return { status: 'gone' };
  if (held.health === health) return { status: 'unchanged' };
  if (held.health === undefined) {
    // Most likely an operator's override.
    const note = `the status of ${record.service}/${record.id} is not ours to set`;
    return { status: 'unchanged', notes: [note] };
  }
  return register(connection, { record, status: statusFor(record, health) }, signal);
};

const register = async (
  { client, clock }: Connection,
  { record, status }: { readonly record: Registration; readonly status: string },
  signal: AbortSignal,
): Promise<ChangeResult> => {
  const body = fromRecord(record, status, clock.next());
  const request: HttpRequest = { method: 'POST', path: appPath(record.service), body };
  return readReply(await client.request(request, signal), 'refused');
};

/**
 * Eureka answers a write without a body: a 200 with one is not Eureka's. `absent`: what a 404
 * means.
 */
const readReply = (reply: HttpReply, absent: 'gone' | 'unchanged' | 'refused'): ChangeResult => {
  const { status, text } = reply;
  if (status >= 200 && status < 300 && text.trim() === '') return { status: 'done' };
  if (status === 404 && absent !== 'refused') return { status: absent };
  const isPassing = status === 429 || status >= 500;
  return (isPassing ? failed : refused)(describeReply(reply));
};
