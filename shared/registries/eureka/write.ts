import type { Change, ChangeResult, Outcome } from '../../model/plan.ts';
import type { Ref, Registration } from '../../model/registration.ts';
import type { HttpClient, HttpReply, HttpRequest } from '../../platform/http/client.ts';
import { failed, refused, toOutcome } from '../outcome.ts';
import { describeReply } from './client.ts';
import type { DirtyClock } from './dirty-clock.ts';
import { appPath, instancePath, isReachable } from './names.ts';
import { toBody } from './record.ts';
import { isKeptByServer, statusFor } from './status.ts';

export interface Tools {
  readonly client: Pick<HttpClient, 'request'>;
  readonly clock: DirtyClock;
  /** One record past any cache; `undefined`: absent. */
  readonly read: (ref: Ref, signal: AbortSignal) => Promise<Registration | undefined>;
}

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>;

/** Makes one change. Never rejects: what keeps it from being made is in the outcome. */
export const write = (change: Change, tools: Tools, signal: AbortSignal): Promise<Outcome> =>
  conclude(change, () => {
    if (change.kind === 'upsert') return upsert(change, tools, signal);
    return change.kind === 'health' ? setHealth(change, tools, signal) : remove(change, tools, signal);
  });

/** A heartbeat. It tells no `lastDirtyTimestamp`: one that is above the server's would be answered 404, though the record is there. */
export const renew = (record: Registration, { client }: Tools, signal: AbortSignal): Promise<Outcome> =>
  conclude(
    { kind: 'upsert', record, reason: 'lease renewed' },
    () => send(client, { method: 'PUT', path: instancePath(record) }, { absent: 'gone', signal }),
    'renewing',
  );

const conclude = async (
  change: Change,
  act: () => Promise<ChangeResult>,
  doing?: string,
): Promise<Outcome> => {
  const result = await act().catch((error: unknown) =>
    failed(error instanceof Error ? error.message : String(error)),
  );
  return toOutcome(change, result, { registry: 'eureka', ...(doing && { doing }) });
};

const upsert = async ({ record, before }: Of<'upsert'>, tools: Tools, signal: AbortSignal) => {
  const overridden = before !== undefined && before.health === undefined;
  // DOWN and STARTING beat an override, which is not ours to beat.
  const status = statusFor(record, overridden ? undefined : record.health);
  const held = before?.health === 'healthy' ? statusFor(before, 'healthy') : status;
  if (isKeptByServer(held, status)) {
    const down = await register(record, 'DOWN', tools, signal);
    if (down.status !== 'done') return down;
  }
  return register(record, status, tools, signal);
};

/**
 * Read first, since a registration would bring back what is gone. Whoever sets a health confirms it with ECS, so a
 * record that goes between the two is taken out again.
 */
const setHealth = async (
  { record, health }: Of<'health'>,
  tools: Tools,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  const held = await tools.read(record, signal);
  if (!held) return { status: 'gone' };
  if (held.health === health) return { status: 'unchanged' };
  // An operator's override, in all likelihood.
  if (held.health === undefined)
    return {
      status: 'unchanged',
      notes: [`the status of ${record.service}/${record.id} is not ours to set`],
    };
  return register(record, statusFor(record, health), tools, signal);
};

const register = (record: Registration, status: string, { client, clock }: Tools, signal: AbortSignal) =>
  send(
    client,
    { method: 'POST', path: appPath(record.service), body: toBody(record, status, clock.next()) },
    { absent: 'refused', signal },
  );

const remove = async (
  { ref }: Of<'remove'>,
  { client }: Tools,
  signal: AbortSignal,
): Promise<ChangeResult> =>
  isReachable(ref)
    ? send(client, { method: 'DELETE', path: instancePath(ref) }, { absent: 'unchanged', signal })
    : refused('this id cannot stand in a path');

const send = async (
  client: Tools['client'],
  request: HttpRequest,
  { absent, signal }: { readonly absent: 'gone' | 'unchanged' | 'refused'; readonly signal: AbortSignal },
): Promise<ChangeResult> => toResult(await client.request(request, signal), absent);

/** Eureka answers a write without a body; whatever else says 200 is not one. */
const toResult = (reply: HttpReply, absent: 'gone' | 'unchanged' | 'refused'): ChangeResult => {
  const { status, text } = reply;
  if (status >= 200 && status < 300 && text.trim() === '') return { status: 'done' };
  if (status === 404 && absent !== 'refused') return { status: absent };
  const passing = status === 429 || status >= 500;
  return (passing ? failed : refused)(describeReply(reply));
};
