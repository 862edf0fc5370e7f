import type { Change } from '../model/plan.ts';
import type { Work } from './collect.ts';
import type { SyncDeps } from './deps.ts';
import { isLastLook } from './looks.ts';
import type { Sight } from './sight.ts';
import { apply, tell } from './write.ts';
import { contextOf } from './write-sights.ts';

/** What a sight leaves for the next look: what its event wrote, where ECS does not know the task when it is asked again. */
export const afterWrite = ({ work, derived, action, blind }: Sight, missing: ReadonlySet<string>): Work => {
  const { unseen: _, ...rest } = work;
  const isUnseen = action === 'register' && blind && missing.has(work.arn);
  return isUnseen ? { ...rest, unseen: derived.identities } : rest;
};

/** What a look that could not judge its task leaves for the next: one in which ECS was silent proves nothing. */
export const stillUnseen = (work: Work, missing: ReadonlySet<string>): Work => {
  const { unseen: _, ...rest } = work;
  return missing.has(work.arn) ? work : rest;
};

const REASON = 'ECS has described the task in none of its looks';

/**
 * Undoes what the events of tasks wrote that ECS has not described in any of their looks, the last of which this is:
 * made up, in all likelihood. Should ECS lag so far behind, the next round registers them. Bound by no policy, since a
 * call may always undo its own write. Returns what it took care of; a registry that fails leaves its part to the rounds.
 */
export const undoUnseen = async (
  works: readonly Work[],
  missing: ReadonlySet<string>,
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<ReadonlySet<Work>> => {
  const unseen = works.filter((work) => work.unseen && missing.has(work.arn) && isLastLook(work));
  await Promise.all(
    deps.registries.map(async (registry) => {
      const written = unseen
        .filter(({ targets }) => targets.has(registry.name))
        .flatMap((work) =>
          (work.unseen ?? []).flatMap((one) => registry.refs(one)).map((ref) => ({ ref, work })),
        );
      const works = new Map(written.map(({ ref, work }) => [registry.key(ref), work]));
      const changes = written.map(({ ref }): Change => ({ kind: 'remove', ref, reason: REASON }));
      const outcomes = await apply(registry, changes, signal);
      tell(deps.telemetry, registry, outcomes, (ref) => contextOf(works.get(registry.key(ref))));
    }),
  );
  return new Set(unseen);
};
