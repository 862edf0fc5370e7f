import { DescribeServicesCommand, type ECSClient } from '@aws-sdk/client-ecs';
import { BoundedMap } from '../platform/bounded-map.ts';
import { chunks, mapBounded } from '../platform/concurrency.ts';
import type { EcsServiceFacts, Source } from './source.ts';

/** Services that one call describes. */
const AT_ONCE = 10;
const WIDTH = 4;
/** A service that is deleted and made anew has another time. */
const KEPT_MS = 60_000;
const MOST_SERVICES = 10_000;

interface Kept {
  readonly facts: EcsServiceFacts;
  readonly until: number;
}

/** Reads what ECS says of single services; of what it does not know there is nothing. */
export const serviceFactsReader = (
  ecs: Pick<ECSClient, 'send'>,
  now: () => number,
): Pick<Source, 'serviceFacts'> => {
  const known = new BoundedMap<string, Kept>(MOST_SERVICES);
  return {
    async serviceFacts(cluster, names, signal) {
      const keyOf = (name: string) => `${cluster}/${name}`;
      const isKnown = (name: string) => (known.get(keyOf(name))?.until ?? 0) > now();
      const unknown = [...new Set(names)].filter((name) => !isKnown(name));
      await mapBounded(chunks(unknown, AT_ONCE), WIDTH, async (services) => {
        const input = { cluster, services: [...services] };
        const answer = await ecs.send(new DescribeServicesCommand(input), { abortSignal: signal });
        for (const { serviceName, createdAt } of answer.services ?? []) {
          if (serviceName === undefined) continue;
          const facts = createdAt ? { createdAt: createdAt.getTime() } : {};
          known.set(keyOf(serviceName), { facts, until: now() + KEPT_MS });
        }
      });
      const found = names.flatMap((name) => {
        const kept = known.get(keyOf(name));
        return kept ? [[name, kept.facts] as const] : [];
      });
      return new Map(found);
    },
  };
};
