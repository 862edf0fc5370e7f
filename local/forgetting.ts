import type { ExampleCluster } from './cluster/cluster.ts';
import type { Stack } from './stack.ts';

/**
 * Brings about the one case that is rare on purpose: records whose tasks ECS knows no more, with no
 * event of their end. Only those that started over an hour ago count, so the registries are told
 * first that these did.
 */
export const forgetService = async (
  { cluster, stack }: { readonly cluster: ExampleCluster; readonly stack: Stack },
  service: string,
): Promise<void> => {
  cluster.age(service);
  await stack.reconcile.invoke();
  await cluster.forget(service);
};

/** The id of what the plan withholds, as an operator reads it there. */
export const withheldPlan = (planText: string): string | undefined =>
  /\brollcall release (\w+)/.exec(planText)?.[1];
