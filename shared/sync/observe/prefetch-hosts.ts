import type { Host } from '../../model/task.ts';
import type { Source } from '../../source/source.ts';
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
  return {
    ...source,
    async hostStates(hosts, stop) {
      for (const host of hosts) seen.set(host.instanceId, host);
      if (now() - asked.at > FRESH_MS) asked = askAll();
      const known = await asked.answer;
      const isNew = ({ instanceId }: Host) => !last.has(instanceId);
      const { found, unread } = await ask(source, hosts.filter(isNew), stop);
      for (const [id, state] of found) known.found.set(id, state);
      for (const [id, error] of unread) known.unread.set(id, error);
      return known;
    },
  };
};

const ask = async (source: Source, hosts: readonly Host[], signal: AbortSignal) => {
  const none = { found: new Map<string, string>(), unread: new Map<string, unknown>() };
  if (hosts.length === 0) return none;
  try {
    const { found, unread } = await source.hostStates(hosts, signal);
    return { found: new Map(found), unread: new Map(unread) };
  } catch (error) {
    return { ...none, unread: new Map(hosts.map(({ instanceId }) => [instanceId, error])) };
  }
};
