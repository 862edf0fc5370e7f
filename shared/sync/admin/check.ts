import type { Config } from '../../config/config.ts';
import { idOf } from '../../model/arn.ts';
import type { Summary } from '../../model/summary.ts';
import { type Reached, reach } from '../../platform/reach.ts';
import type { SyncContext } from '../context.ts';
import { ssmStore } from '../limits/ssm-store.ts';
import { isOurs } from '../scope.ts';

/** What a function answers to `{"rollcall":1,"kind":"check"}`. It writes nothing. */
export interface CheckAnswer {
  readonly rollcall: 1;
  readonly kind: 'check';
  readonly reached: readonly Reached[];
  readonly owner?: string;
  readonly policy?: string;
  /** ARNs of those in scope; only from a function that reads ECS. */
  readonly clusters?: readonly string[];
  /** Of the last round; only from a function that may read it. */
  readonly summary?: Summary;
}

/** Of a task, an instance and a definition that nobody has. */
const NOBODY = '0'.repeat(32);

/**
 * Each registry is asked for a record that does not exist, ECS for its clusters and for a task and
 * a definition that do not: the calls that a function's work begins with, with its own rights and
 * from its own network.
 */
export const checkReach = async (
  context: SyncContext,
  { stack }: Config,
  { readsEcs, signal }: { readonly readsEcs: boolean; readonly signal: AbortSignal },
): Promise<CheckAnswer> => {
  const { config, registries } = context;
  let clusters: readonly string[] | undefined;
  let summary: Summary | undefined;
  const askEcs = async () => {
    clusters = await askForNobody(context, signal);
  };
  const askStore = async () => {
    summary = await ssmStore(stack).readSummary(signal);
  };
  const { partition, region, account } = config.place;
  const cluster = `arn:${partition}:ecs:${region}:${account}:cluster/${NOBODY}`;
  const reached = await Promise.all([
    ...(readsEcs ? [reach('ecs', askEcs)] : []),
    ...(stack.summaryParameter ? [reach('parameters', askStore)] : []),
    ...registries.map((registry) =>
      reach(registry.name, () =>
        registry.get([{ service: 'rollcall-check', id: NOBODY, cluster }], signal),
      ),
    ),
  ]);
  return {
    rollcall: 1,
    kind: 'check',
    reached,
    owner: config.owner,
    policy: config.policy,
    ...(clusters && { clusters }),
    ...(summary && { summary }),
  };
};

const askForNobody = async ({ source, config }: SyncContext, signal: AbortSignal) => {
  const clusters = (await source.listClusters(signal)).filter((arn) => isOurs(config, arn));
  const [first] = clusters;
  if (first === undefined) return clusters;
  const { partition, region, account } = config.place;
  const here = `arn:${partition}:ecs:${region}:${account}` as const;
  const task = `${here}:task/${idOf(first)}/${NOBODY}` as const;
  const definition = `${here}:task-definition/rollcall-check:1` as const;
  await Promise.all([
    source.listTasks(first, signal),
    source.describeTasks(first, [task], signal),
    source.definition(definition, signal),
  ]);
  return clusters;
};
