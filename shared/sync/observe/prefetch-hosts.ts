import type { Host } from '../../model/task.ts';
import type { Answered, Source } from '../../source/source.ts';
import type { ReconcileContext } from '../context.ts';

/**
 * An answer that is older is asked for anew: a host may have died since, and an event have taken
 * its tasks out. ECS calls them running for a while, and they would be brought back.
 */
const FRESH_MS = 10_000;

/**
 * A round's source, made once the registries are listed. EC2 is asked about all hosts of the last
 * round together, a hundred a call whatever their clusters, and otherwise only about those that are
 * new.
 */
export const withPrefetchedHosts = (
  { source, lastRound, now }: ReconcileContext,
  signal: AbortSignal,
): Source => {
  const last = lastRound.hosts;
  const seen = new Map<string, Host>();
  lastRound.hosts = seen;
  const askAll = () => ({ at: now(), answer: ask(source, [...last.values()], signal) });
  let asked = askAll();
  const ahead = () => {
    if (now() - asked.at > FRESH_MS) asked = askAll();
    return asked.answer;
  };
  return {
    ...source,
    async hostStates(hosts, stop) {
      for (const host of hosts) seen.set(host.instanceId, host);
      const fresh = hosts.filter(({ instanceId }) => !last.has(instanceId));
      const answers = [await ahead(), await ask(source, fresh, stop)];
      return {
        found: pick(hosts, answers, ({ found }) => found),
        unread: pick(hosts, answers, ({ unread }) => unread),
      };
    },
  };
};

const ask = async (
  source: Source,
  hosts: readonly Host[],
  signal: AbortSignal,
): Promise<Answered<string>> => {
  if (hosts.length === 0) return { found: new Map(), unread: new Map() };
  try {
    return await source.hostStates(hosts, signal);
  } catch (error) {
    return {
      found: new Map(),
      unread: new Map(hosts.map(({ instanceId }) => [instanceId, error])),
    };
  }
};

const pick = <T>(
  hosts: readonly Host[],
  answers: readonly Answered<string>[],
  of: (answer: Answered<string>) => ReadonlyMap<string, T>,
): ReadonlyMap<string, T> =>
  new Map(
    hosts.flatMap(({ instanceId }) =>
      answers.flatMap((answer) => {
        const value = of(answer).get(instanceId);
        return value === undefined ? [] : [[instanceId, value] as const];
      }),
    ),
  );
