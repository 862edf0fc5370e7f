import { DeleteServiceCommand, ListTagsForResourceCommand } from '@aws-sdk/client-servicediscovery';
import { mapBounded } from '../../platform/concurrency.ts';
import type { CloudMapClient } from './client.ts';
import { OWNER_TAG } from './creation.ts';
import { isNamed } from './errors.ts';
import type { Service, ServiceReader } from './services.ts';

const WIDTH = 4;

interface PurgingParts {
  readonly client: CloudMapClient;
  readonly services: ServiceReader;
  readonly owner: string;
}

/** Deletes what this owner made and nobody uses; the count in a listing may be old, so AWS's own refusal decides. */
export const deleteEmptyServices = async (
  parts: PurgingParts,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const services = await parts.services.list(signal);
  const deleted = await mapBounded(services, WIDTH, async (service) =>
    (await isOurs(parts, service, signal)) && (await deleteIfEmpty(parts, service, signal))
      ? [service.name]
      : [],
  );
  parts.services.forget();
  return deleted.flat().sort();
};

const isOurs = async ({ client, owner }: PurgingParts, { arn }: Service, signal: AbortSignal) => {
  try {
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN: arn }), {
      abortSignal: signal,
    });
    return (Tags ?? []).some(({ Key, Value }) => Key === OWNER_TAG && Value === owner);
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return false;
    throw error;
  }
};

const deleteIfEmpty = async ({ client }: PurgingParts, { id }: Service, signal: AbortSignal) => {
  try {
    await client.send(new DeleteServiceCommand({ Id: id }), { abortSignal: signal });
    return true;
  } catch (error) {
    if (isNamed(error, 'ResourceInUse', 'ServiceNotFound')) return false;
    throw error;
  }
};
