import manifest from '../../package.json' with { type: 'json' };
import { counted } from '../../shared/model/text.ts';
import type { PlanAnswer } from '../../shared/plan/answer.ts';
import type { CheckAnswer } from '../../shared/sync/admin/check.ts';
import { ask } from '../ask.ts';
import type { CommandInput, Report, Run, Tools } from '../command.ts';
import { type Diagnosis, type Examined, findingsOf } from '../doctor/findings.ts';
import { namespaceUse } from '../doctor/quotas.ts';
import { smoke } from '../doctor/smoke.ts';
import { wrongUse } from '../exit.ts';
import { toFailure } from '../failure.ts';
import { findFunction } from '../target/invoke.ts';
import { FUNCTIONS, type Target } from '../target/target.ts';

export const run: Run = async (input, tools) => {
  const target = await tools.connect();
  const definition = input.value('smoke');
  return definition === undefined
    ? toReport(await examine(target, tools), target)
    : smoke(smokeTestOf(input, definition), target, tools);
};

const smokeTestOf = (input: CommandInput, definition: string) => {
  const cluster = input.value('cluster');
  if (cluster === undefined) throw wrongUse('--smoke: expected --cluster beside it, got none');
  return {
    definition,
    cluster,
    subnets: listed(input.value('subnets')),
    securityGroups: listed(input.value('security-groups')),
    publicIp: input.has('public-ip'),
  };
};

const listed = (text = '') => text.split(',').filter((one) => one !== '');

/** Everything is asked at once; what one does not answer keeps nothing else from being told. */
const examine = async (target: Target, tools: Tools): Promise<Diagnosis> => {
  const [functions, plan, use] = await Promise.all([
    Promise.all(deployedOnes(target).map((name) => examineOne(name, target, tools.io.signal))),
    outcomeOf(ask<readonly PlanAnswer[]>('inspect', { command: 'plan' }, tools)),
    outcomeOf(namespaceUse(target)),
  ]);
  return {
    stack: target.stack,
    command: manifest.version,
    now: tools.io.now(),
    functions,
    plan,
    use,
  };
};

const deployedOnes = ({ stack }: Target) =>
  FUNCTIONS.filter((name) => findFunction(name, stack) !== undefined);

const examineOne = async (
  name: (typeof FUNCTIONS)[number],
  target: Target,
  signal: AbortSignal,
): Promise<Examined> => {
  const answer = await outcomeOf(target.invoke(name, { rollcall: 1, kind: 'check' }, signal));
  if ('error' in answer) return { name, ...answer };
  const { rollcall, kind } = Object(answer.value);
  // A function of an older version takes it for one of its own events.
  if (rollcall !== 1 || kind !== 'check')
    return { name, error: 'it does not know the check: deploy it anew' };
  return { name, answer: answer.value as CheckAnswer };
};

const outcomeOf = <T>(asked: Promise<T>) =>
  asked.then(
    (value) => ({ value }),
    (error: unknown) => ({ error: toFailure(error).message }),
  );

const toReport = (diagnosis: Diagnosis, { place, stack }: Target): Report => {
  const findings = findingsOf(diagnosis);
  const { functions, use } = diagnosis;
  const told = functions.flatMap(({ answer }) => answer ?? []);
  const { owner, policy } = told.find((one) => one.policy !== undefined) ?? {};
  const clusters = told.find((one) => one.clusters)?.clusters ?? [];
  const summary = told.find((one) => one.summary)?.summary;
  const version = stack.outputs['Version'] ?? '?';
  const isHarm = findings.some(({ harm }) => harm !== 'note');
  return {
    blocks: [
      [
        `${stack.name} ${version} in ${place.region}: policy ${policy ?? '?'}, owner ${owner ?? '?'}`,
        `clusters: ${clusters.join(', ') || 'none'}`,
        summary
          ? `last round: ${summary.at}, ${counted(summary.tasks, 'task')} in ${counted(summary.clusters, 'cluster')}`
          : 'last round: not known',
        ...('value' in use && use.value
          ? [
              `Cloud Map: ${counted(use.value.instances, 'instance')} in ${counted(use.value.services, 'service')}`,
            ]
          : []),
      ],
      { head: ['function', 'reaches', 'in ms'], rows: functions.flatMap(toRows) },
      findings.length === 0
        ? ['nothing is amiss']
        : {
            head: ['harm', 'finding', 'what to do'],
            rows: findings.map(({ harm, what, remedy }) => [harm, what, remedy]),
          },
    ],
    json: {
      stack: stack.name,
      version,
      region: place.region,
      owner,
      policy,
      clusters,
      lastRound: summary,
      functions: functions.map(({ name, answer, error }) => ({
        name,
        reached: answer?.reached ?? [],
        ...(error !== undefined && { error }),
      })),
      ...('value' in use && { cloudMap: use.value }),
      findings,
    },
    found: isHarm,
  };
};

const toRows = ({ name, answer, error }: Examined) =>
  answer
    ? answer.reached.map(({ what, milliseconds, error: failed }) => [
        name,
        what,
        failed === undefined ? `${milliseconds}` : `not: ${failed}`,
      ])
    : [[name, '-', `not: ${error}`]];
