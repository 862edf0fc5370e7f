import { type SharedName, sharedNameText } from '../../shared/model/summary.ts';
import type { PlanAnswer } from '../../shared/plan/answer.ts';
import type { CheckAnswer } from '../../shared/sync/admin/check.ts';
import { withheldIn } from '../commands/plan.ts';
import type { StandingStack } from '../target/target.ts';
import type { NamespaceUse } from './quotas.ts';

/** What was asked, or why it was not answered. */
type Asked<T> = { readonly value: T } | { readonly error: string };

/** A function, and its answer to the check. */
export interface Examined {
  readonly name: string;
  readonly answer?: CheckAnswer;
  readonly error?: string;
}

export interface Diagnosis {
  readonly stack: StandingStack;
  /** The command's own version. */
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly functions: readonly Examined[];
  readonly plan: Asked<readonly PlanAnswer[]>;
  /** Undefined where Cloud Map is not in use. */
  readonly use: Asked<NamespaceUse | undefined>;
}

/** In the order of harm: clients are, or will be, told wrong; somebody must look; good to know. */
export const HARMS = ['broken', 'at risk', 'look', 'note'] as const;

export interface Finding {
  readonly harm: (typeof HARMS)[number];
  readonly what: string;
  readonly remedy: string;
}

/** What is amiss, the worst first. Pure. */
export const findingsOf = (diagnosis: Diagnosis): readonly Finding[] =>
  [
    ...diagnosis.functions.flatMap((one) => functionFindings(one, diagnosis.stack)),
    ...scopeFindings(diagnosis),
    ...roundFindings(diagnosis),
    ...planFindings(diagnosis.plan),
    ...sharedNameFindings(diagnosis),
    ...useFindings(diagnosis.use),
    ...versionFindings(diagnosis),
  ].sort((a, b) => HARMS.indexOf(a.harm) - HARMS.indexOf(b.harm));

/** What is registered goes stale by these; without the others operators or clients ask in vain. */
const WRITERS: ReadonlySet<string> = new Set(['on-task-event', 'reconcile', 'renew']);

const functionFindings = (
  { name, answer, error }: Examined,
  { name: stack }: StandingStack,
): readonly Finding[] => {
  const harm = WRITERS.has(name) || name === 'resolve' ? 'broken' : 'at risk';
  if (!answer)
    return [
      {
        harm,
        what: `${name} does not answer: ${error}`,
        remedy: `read its log: aws logs tail /aws/lambda/${stack}-${name} --since 10m`,
      },
    ];
  return answer.reached.flatMap(({ what, error: failed }) =>
    failed === undefined
      ? []
      : [{ harm, what: `${name} does not reach ${what}: ${failed}`, remedy: remedyFor(what) }],
  );
};

const remedyFor = (what: string) => {
  if (what === 'ecs' || what === 'parameters')
    return 'see docs/permissions.md for its role, and docs/networking.md where it runs in a VPC';
  return `see docs/networking.md for the way to ${what}, and its address and token in docs/configuration.md`;
};

const scopeFindings = ({ functions }: Diagnosis): readonly Finding[] => {
  const clusters = functions.find(({ answer }) => answer?.clusters)?.answer?.clusters;
  if (clusters === undefined || clusters.length > 0) return [];
  return [
    {
      harm: 'broken',
      what: 'no cluster is in scope: nothing can be registered',
      remedy:
        'compare the parameter clusters with: aws ecs list-clusters; or is it the wrong region?',
    },
  ];
};

/** Milliseconds: rounds come each minute. */
const LATE = 180_000;

const roundFindings = ({ functions, now }: Diagnosis): readonly Finding[] => {
  const summary = functions.find(({ answer }) => answer?.summary)?.answer?.summary;
  if (!summary)
    return [
      {
        harm: 'at risk',
        what: 'no round has left a summary yet',
        remedy: 'wait for a minute after the first deployment, or: rollcall reconcile',
      },
    ];
  const age = now - Date.parse(summary.at);
  const found: Finding[] = [];
  if (age > LATE)
    found.push({
      harm: 'broken',
      what: `the last round was ${Math.round(age / 60_000)} minutes ago: what events miss stays so`,
      remedy: 'see whether the schedule of reconcile is enabled, and read its log',
    });
  for (const [name, { unknown }] of Object.entries(summary.registries))
    if (unknown !== undefined)
      found.push({
        harm: 'at risk',
        what: `nothing is removed from ${name}: ${unknown}`,
        remedy: `see docs/operations.md; it goes on once ${name} can be listed whole`,
      });
  for (const cluster of summary.unfinished)
    found.push({
      harm: 'at risk',
      what: `the last round did not finish ${cluster}`,
      remedy: 'it comes first in the next; if it stays so, raise ecsReadShare',
    });
  for (const failure of summary.failures)
    found.push({ harm: 'at risk', what: `the last round: ${failure}`, remedy: 'rollcall plan' });
  if (summary.policy === 'observe')
    found.push({
      harm: 'note',
      what: 'the policy is observe: nothing is written',
      remedy: 'once rollcall plan shows what you want, deploy with policy=sync',
    });
  return found;
};

const planFindings = (plan: Diagnosis['plan']): readonly Finding[] => {
  if ('error' in plan)
    return [
      { harm: 'at risk', what: `no plan can be made: ${plan.error}`, remedy: 'rollcall plan' },
    ];
  return plan.value.flatMap(({ cluster, failures, plans, ...ids }): Finding[] => [
    ...withheldIn({ ...ids, plans }).map(
      ({ plan: id, changes, what }): Finding => ({
        harm: 'look',
        what: `${changes} ${what} are withheld in ${cluster}`,
        remedy: `see them: rollcall plan; let them through: rollcall release ${id}`,
      }),
    ),
    ...failures.map(
      ({ registry, reason }): Finding => ({
        harm: 'at risk',
        what: `${registry} cannot be planned in ${cluster}: ${reason}`,
        remedy: 'rollcall plan',
      }),
    ),
  ]);
};

/** By the plan, which was made just now; where none can be made, as the last round met them. */
const sharedNameFindings = ({ plan, functions }: Diagnosis): readonly Finding[] => {
  const last = functions.flatMap(({ answer }) => answer?.summary?.shared ?? []);
  const met = 'value' in plan ? plan.value.flatMap(({ shared = [] }) => shared) : last;
  // Each of its clusters tells of a name.
  const names = new Map(met.map((one) => [one.name, one]));
  return [...names.values()].map(
    (one): Finding => ({
      harm: 'at risk',
      what: sharedNameText(one),
      remedy: remedyForShared(one),
    }),
  );
};

/** Other installations' names are pinned by nobody here: `prod/web of rollcall-stage`. */
const remedyForShared = ({ name, owners }: SharedName) => {
  const pin = owners.some((owner) => owner.includes(' of '))
    ? ''
    : `; if it is meant, add to the parameter names: ${name}=${owners.join('+')}`;
  return `give one of them another name, or its cluster a template (nameTemplates)${pin}; docs/configuration.md has the rules`;
};

/** AWS's own limits at first; both of a namespace's can be raised, a service's cannot. */
const PER_NAMESPACE = 2_000;
const PER_SERVICE = 1_000;
const NEAR = 0.8;

const useFindings = (use: Diagnosis['use']): readonly Finding[] => {
  if ('error' in use)
    return [
      {
        harm: 'note',
        what: `how full the namespace is cannot be asked: ${use.error}`,
        remedy: 'docs/permissions.md has the rights for it',
      },
    ];
  if (!use.value) return [];
  const { namespace, instances, fullest } = use.value;
  const found: Finding[] = [];
  if (instances >= PER_NAMESPACE * NEAR)
    found.push({
      harm: instances >= PER_NAMESPACE ? 'at risk' : 'look',
      what: `${instances} instances are in ${namespace}: AWS allows ${PER_NAMESPACE} unless raised`,
      remedy: 'have the quota "instances per namespace" raised in Service Quotas',
    });
  if (fullest && fullest.instances >= PER_SERVICE * NEAR)
    found.push({
      harm: fullest.instances >= PER_SERVICE ? 'at risk' : 'look',
      what: `${fullest.instances} instances are in the service ${fullest.name}: AWS allows ${PER_SERVICE}`,
      remedy: 'that cannot be raised: spread the service over several names',
    });
  return found;
};

const versionFindings = ({ stack, command }: Diagnosis): readonly Finding[] => {
  const deployed = stack.outputs['Version'];
  if (deployed === undefined || deployed === command) return [];
  return [
    {
      harm: 'note',
      what: `the stack is of version ${deployed}, this command of ${command}`,
      remedy: 'use the command of the stack’s version where answers look odd',
    },
  ];
};
