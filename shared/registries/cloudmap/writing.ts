import {
  DeregisterInstanceCommand,
  DuplicateRequest,
  GetOperationCommand,
  RegisterInstanceCommand,
  UpdateInstanceCustomHealthStatusCommand,
} from '@aws-sdk/client-servicediscovery';
import type { CloudMapConfig } from '../../config/config.ts';
import type { Change, ChangeResult, Outcome } from '../../model/plan.ts';
import type { Health, Ref, Registration } from '../../model/registration.ts';
import { notYet, refused, toOutcome } from '../outcome.ts';
import { toAttributes } from './attributes.ts';
import type { CloudMapClient } from './client.ts';
import { isNamed, required, toResult } from './errors.ts';
import { getInstance } from './instances.ts';
import { getRecords, withFreshIds } from './reading.ts';
import { misfit, type RecordType, wantedTypes } from './recordTypes.ts';
import type { Service, ServiceReader } from './services.ts';

export interface WritingParts {
  readonly client: CloudMapClient;
  readonly services: ServiceReader;
  readonly dns: CloudMapConfig['dns'];
  readonly makeService: (
    wanted: { name: string; types: readonly RecordType[] },
    signal: AbortSignal,
  ) => Promise<Service>;
  /** Called before each write to a service. */
  readonly writing: (serviceId: string) => void;
  /** Services of which it was said that they show no health. */
  readonly mute: Set<string>;
}

/** Makes one change. Never throws. */
export const write = async (parts: WritingParts, change: Change, signal: AbortSignal): Promise<Outcome> => {
  const attempt = withFreshIds(parts.services, () => act(parts, change, signal));
  return toOutcome(change, await attempt.catch(toResult), { registry: 'cloudmap' });
};

const act = (parts: WritingParts, change: Change, signal: AbortSignal): Promise<ChangeResult> => {
  if (change.kind === 'upsert') return upsert(parts, change, signal);
  return change.kind === 'health' ? setHealth(parts, change, signal) : remove(parts, change.ref, signal);
};

type Upsert = Extract<Change, { kind: 'upsert' }>;
type SetHealth = Extract<Change, { kind: 'health' }>;

const upsert = async (parts: WritingParts, change: Upsert, signal: AbortSignal): Promise<ChangeResult> => {
  const { record } = change;
  const health = await firstHealth(parts, change, signal);
  if (health === 'absent') return { status: 'pending' };
  const name = record.service;
  const service = await parts.makeService({ name, types: wantedTypes(record, parts.dns) }, signal);
  const reason = misfit(service, record, parts.dns);
  if (reason !== undefined) {
    return refused(reason);
  }
  parts.writing(service.id);
  const { OperationId } = await parts.client.send(
    new RegisterInstanceCommand({
      ServiceId: service.id,
      InstanceId: record.id,
      // The SDK adds a CreatorRequestId, new with each command and kept through its own retries.
      Attributes: {
        ...toAttributes(record),
        ...(service.health === 'custom' && {
          AWS_INIT_HEALTH_STATUS: health === 'unhealthy' ? 'UNHEALTHY' : 'HEALTHY',
        }),
      },
    }),
    { abortSignal: signal },
  );
  return { ...accepted(OperationId), ...(service.health === 'custom' ? {} : muteNote(parts, service)) };
};

/**
 * What the record starts with. One that is absent waits for its first healthy answer, since custom health takes
 * 30 s to show; a check that has not answered yet says nothing against a record that exists.
 */
const firstHealth = async (
  parts: WritingParts,
  { record, before }: Upsert,
  signal: AbortSignal,
): Promise<Health | undefined | 'absent'> => {
  if (record.health !== 'starting' && record.health !== 'unhealthy') return record.health;
  const held: Registration | undefined = before ?? (await getRecords(parts, [record], signal))[0];
  if (!held) return 'absent';
  return record.health === 'starting' ? held.health : record.health;
};

const setHealth = async (
  parts: WritingParts,
  change: SetHealth,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  const { service: name, id } = change.record;
  const service = await parts.services.find(name, signal);
  if (!service) return { status: 'gone' };
  if (service.health !== 'custom') return { status: 'unchanged', ...muteNote(parts, service) };
  if (change.health === 'starting') return { status: 'unchanged' };
  try {
    const Status = change.health === 'healthy' ? 'HEALTHY' : 'UNHEALTHY';
    await parts.client.send(
      new UpdateInstanceCustomHealthStatusCommand({ ServiceId: service.id, InstanceId: id, Status }),
      { abortSignal: signal },
    );
    return { status: 'done' };
  } catch (error) {
    if (isNamed(error, 'CustomHealthNotFound')) return { status: 'unchanged', ...muteNote(parts, service) };
    if (!isNamed(error, 'InstanceNotFound')) throw error;
    // The same error is given for an instance whose registration has not reached the health side yet.
    const present = await getInstance(parts.client, { service, id }, signal);
    if (!present) return { status: 'gone' };
    return notYet('not propagated yet');
  }
};

const remove = async (
  parts: WritingParts,
  { service: name, id }: Ref,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  const service = await parts.services.find(name, signal);
  if (!service) return { status: 'unchanged' };
  parts.writing(service.id);
  try {
    const { OperationId } = await parts.client.send(
      new DeregisterInstanceCommand({ ServiceId: service.id, InstanceId: id }),
      { abortSignal: signal },
    );
    return accepted(OperationId);
  } catch (error) {
    if (isNamed(error, 'InstanceNotFound')) return { status: 'unchanged' };
    const other = await removalUnderWay(parts, error, signal);
    if (other === undefined) throw error;
    return accepted(other);
  }
};

/**
 * The operation that a removal came upon, where it removes too: the five events of one stop may reach as many function
 * instances. It is followed like one of our own, to its end. Upon a registration the removal must come again.
 */
const removalUnderWay = async ({ client }: WritingParts, error: unknown, signal: AbortSignal) => {
  if (!(error instanceof DuplicateRequest) || !error.DuplicateOperationId) return undefined;
  const command = new GetOperationCommand({ OperationId: error.DuplicateOperationId });
  const { Operation } = await client.send(command, { abortSignal: signal });
  return Operation?.Type === 'DEREGISTER_INSTANCE' ? Operation.Id : undefined;
};

const accepted = (operation: string | undefined): ChangeResult => ({
  status: 'pending',
  operation: required(operation, 'OperationId'),
});

/** Said once for each service while warm. */
const muteNote = ({ mute }: WritingParts, { id, name }: Service): Pick<ChangeResult, 'notes'> => {
  if (mute.has(id)) return {};
  mute.add(id);
  return {
    notes: [
      `cloudmap: service ${name} was made without custom health, so it shows none of its tasks' health`,
    ],
  };
};
