import {
  DeregisterInstanceCommand,
  RegisterInstanceCommand,
  UpdateInstanceCustomHealthStatusCommand,
} from '@aws-sdk/client-servicediscovery';
import type { Change, ChangeResult, Outcome } from '../../model/plan.ts';
import type { Health, Ref, Registration } from '../../model/registration.ts';
import { applyEach, notYet, refused, toOutcome } from '../outcome.ts';
import { isNamed, toResult } from './client.ts';
import type { Connection } from './connection.ts';
import { getInstance } from './instances.ts';
import { keyOf } from './names.ts';
import { accepted, removalUnderWay } from './operations.ts';
import { ensureService, wantedTypes, whyUnfit } from './own-services.ts';
import { get } from './read.ts';
import { fromRecord } from './record.ts';
import { type Service, withFreshIds } from './services.ts';

/** AWS publishes no rate for RegisterInstance; the SDK backs off where this is too much. */
const CONCURRENCY = 8;

/** Changes of one record keep their order: Cloud Map takes one at a time for it. */
export const apply = (
  connection: Connection,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> =>
  applyEach(changes, (change) => write(connection, change, signal), {
    keyOf,
    concurrency: CONCURRENCY,
    signal,
  });

/** Makes one change. Never throws. */
const write = async (
  connection: Connection,
  change: Change,
  signal: AbortSignal,
): Promise<Outcome> => {
  const attempt = withFreshIds(connection.services, () => act(connection, change, signal));
  return toOutcome(change, await attempt.catch(toResult), { registry: 'cloudmap' });
};

const act = (
  connection: Connection,
  change: Change,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  if (change.kind === 'upsert') return upsert(connection, change, signal);
  return change.kind === 'health'
    ? setHealth(connection, change, signal)
    : remove(connection, change.ref, signal);
};

type Upsert = Extract<Change, { kind: 'upsert' }>;
type SetHealth = Extract<Change, { kind: 'health' }>;

const upsert = async (
  connection: Connection,
  change: Upsert,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  const { record } = change;
  const health = await firstHealth(connection, change, signal);
  if (health === 'absent') return { status: 'pending' };
  const name = record.service;
  const service = await ensureService(
    connection,
    { name, types: wantedTypes(record, connection.dns) },
    signal,
  );
  const reason = whyUnfit(service, record, connection.dns);
  if (reason !== undefined) {
    return refused(reason);
  }
  connection.listCache.forget(service.id);
  const { OperationId } = await connection.client.send(
    new RegisterInstanceCommand({
      ServiceId: service.id,
      InstanceId: record.id,
      // The SDK adds a CreatorRequestId: a new one for each command, the same for its own retries.
      Attributes: {
        ...fromRecord(record),
        ...(service.health === 'custom' && {
          AWS_INIT_HEALTH_STATUS: health === 'unhealthy' ? 'UNHEALTHY' : 'HEALTHY',
        }),
      },
    }),
    { abortSignal: signal },
  );
  return {
    ...accepted(OperationId),
    ...(service.health === 'custom' ? {} : healthlessNote(connection, service)),
  };
};

/**
 * The health that a record is written with. One that is absent waits for its first healthy answer,
 * since a change of custom health takes 30 s to show. A check that has not answered yet does not
 * lower the health of a record that exists.
 */
const firstHealth = async (
  connection: Connection,
  { record, before }: Upsert,
  signal: AbortSignal,
): Promise<Health | undefined | 'absent'> => {
  if (record.health !== 'starting' && record.health !== 'unhealthy') return record.health;
  const held: Registration | undefined = before ?? (await get(connection, [record], signal))[0];
  if (!held) return 'absent';
  return record.health === 'starting' ? held.health : record.health;
};

const setHealth = async (
  connection: Connection,
  change: SetHealth,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  const { service: name, id } = change.record;
  const service = await connection.services.find(name, signal);
  if (!service) return { status: 'gone' };
  if (service.health !== 'custom')
    return { status: 'unchanged', ...healthlessNote(connection, service) };
  if (change.health === 'starting') return { status: 'unchanged' };
  try {
    const Status = change.health === 'healthy' ? 'HEALTHY' : 'UNHEALTHY';
    await connection.client.send(
      new UpdateInstanceCustomHealthStatusCommand({
        ServiceId: service.id,
        InstanceId: id,
        Status,
      }),
      { abortSignal: signal },
    );
    return { status: 'done' };
  } catch (error) {
    if (isNamed(error, 'CustomHealthNotFound'))
      return { status: 'unchanged', ...healthlessNote(connection, service) };
    if (!isNamed(error, 'InstanceNotFound')) throw error;
    // AWS gives the same error for an instance whose registration its health service does not know
    // yet.
    const present = await getInstance(connection.client, { service, id }, signal);
    if (!present) return { status: 'gone' };
    return notYet('not propagated yet');
  }
};

const remove = async (
  connection: Connection,
  { service: name, id }: Ref,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  const service = await connection.services.find(name, signal);
  if (!service) return { status: 'unchanged' };
  connection.listCache.forget(service.id);
  try {
    const { OperationId } = await connection.client.send(
      new DeregisterInstanceCommand({ ServiceId: service.id, InstanceId: id }),
      { abortSignal: signal },
    );
    return accepted(OperationId);
  } catch (error) {
    if (isNamed(error, 'InstanceNotFound')) return { status: 'unchanged' };
    const other = await removalUnderWay(connection, error, signal);
    if (other === undefined) throw error;
    return accepted(other);
  }
};

/** Once for each service in the life of this process. */
const healthlessNote = (
  { healthless }: Connection,
  { id, name }: Service,
): Pick<ChangeResult, 'notes'> => {
  if (healthless.has(id)) return {};
  healthless.add(id);
  return {
    notes: [
      `cloudmap: service ${name} was made without custom health, so it shows none of its tasks' health`,
    ],
  };
};
