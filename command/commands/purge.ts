import { ask } from '../ask.ts';
import { whoAsks } from '../by.ts';
import type { Run } from '../command.ts';

type Purged = { readonly registry: string } & (
  | { readonly error: string }
  | {
      readonly removed: number;
      readonly left: number;
      readonly services: readonly string[];
      readonly clusters: readonly string[];
    }
);

export const run: Run = async (input, tools) => {
  const dryRun = !input.has('yes');
  const cluster = input.value('cluster');
  const registry = input.value('registry');
  const command = { command: 'purge', by: whoAsks(input), cluster, registry, dryRun };
  const json = await ask<readonly Purged[]>('operate', command, tools);
  const left = json.some((one) => 'error' in one || (!dryRun && one.left > 0));
  const removed = dryRun ? 'would be removed' : 'removed';
  return {
    blocks: [
      { head: ['registry', removed, 'left', 'services deleted'], rows: json.map(toCells) },
      [...hint(cluster, json), ...(dryRun ? ['nothing was removed; to remove them: --yes'] : [])],
    ],
    json,
    found: left,
  };
};

const toCells = (one: Purged) =>
  'error' in one
    ? [one.registry, '?', '?', one.error]
    : [one.registry, `${one.removed}`, `${one.left}`, one.services.join(' ') || '-'];

/** "0 removed" may mean that all is done, or that the name was mistyped. */
const hint = (cluster: string | undefined, json: readonly Purged[]): readonly string[] => {
  const purged = json.filter((one) => 'clusters' in one);
  if (cluster === undefined || purged.some(({ removed }) => removed > 0)) return [];
  const known = [...new Set(purged.flatMap(({ clusters }) => clusters))].sort();
  return [`no record of ours is in ${cluster}, but in: ${known.join(', ') || 'none'}`];
};
