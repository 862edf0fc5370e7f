import type { ECSClient, RunTaskCommandInput, TaskDefinition } from '@aws-sdk/client-ecs';
import { skipText } from '../../shared/model/plan.ts';
import { ask } from '../ask.ts';
import type { Report, Tools } from '../command.ts';
import type { Explained } from '../commands/explain.ts';
import { notAnswered, wrongUse } from '../exit.ts';
import { clientOptions } from '../target/clients.ts';
import type { Target } from '../target/target.ts';

/** What is run, and where. */
export interface SmokeTest {
  /** A family, `family:revision` or an ARN. */
  readonly definition: string;
  readonly cluster: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly publicIp: boolean;
}

/** Milliseconds: how long a step is waited for, and between two looks. */
const PATIENCE = 300_000;
const PAUSE = 1_000;

interface Step {
  readonly step: string;
  /** Since the one before it began: the run, or the stop. */
  readonly milliseconds: number;
}

/**
 * One task of the definition, under a name of its own, followed into every registry and out again.
 * Whatever happens, the task is stopped at the end.
 */
export const smoke = async (test: SmokeTest, target: Target, tools: Tools): Promise<Report> => {
  const { ECSClient, RunTaskCommand, StopTaskCommand } = await import('@aws-sdk/client-ecs');
  const ecs = new ECSClient(clientOptions(target.place));
  const definition = await describe(ecs, test.definition);
  const name = `rollcall-smoke-${Math.floor(tools.io.now() / 1_000).toString(36)}`;
  const { cluster } = test;
  const began = tools.io.now();
  // Not aborted by Ctrl-C: what has been started must be known, to be stopped.
  const { tasks = [], failures = [] } = await ecs.send(
    new RunTaskCommand({
      cluster,
      taskDefinition: test.definition,
      count: 1,
      startedBy: 'rollcall-doctor',
      ...launchOf(definition, test),
      overrides: {
        containerOverrides: [
          { name: containerOf(definition), environment: [{ name: 'SERVICE_NAME', value: name }] },
        ],
      },
    }),
  );
  const task = tasks[0]?.taskArn;
  if (task === undefined)
    throw notAnswered(
      `ECS runs no task of ${test.definition}: ${failures[0]?.reason ?? 'no reason'}`,
    );
  tools.io.err(`started ${task} as ${name}`);
  const follow = followed(task, tools);
  let inn: Followed;
  let stopped: number;
  try {
    inn = await follow(({ records }) => records.length > 0, { since: began, verb: 'in' });
  } finally {
    stopped = tools.io.now();
    await ecs.send(new StopTaskCommand({ cluster, task, reason: 'rollcall doctor --smoke' }));
    tools.io.err(`stopped ${task}`);
  }
  const out = await follow(({ records }) => records.length === 0, {
    since: stopped,
    verb: 'out of',
  });
  const steps = [...inn.steps, ...out.steps];
  const late = [...inn.missing, ...out.missing];
  return {
    blocks: [
      [`${task}, as ${name}`],
      {
        head: ['step', 'seconds'],
        rows: steps.map(({ step, milliseconds }) => [step, (milliseconds / 1_000).toFixed(1)]),
      },
      late.length > 0
        ? [...late, ...inn.why, `why: rollcall explain ${task}`]
        : ['the task came into every registry, and went out of each'],
    ],
    json: { task, service: name, steps, late },
    found: late.length > 0,
  };
};

interface Followed {
  readonly steps: readonly Step[];
  /** What did not happen in time, in words. */
  readonly missing: readonly string[];
  readonly why: readonly string[];
}

type HeldThere = Explained['tasks'][number]['registries'][number];

/** Looks by `explain` until every registry is as wanted, or for as long as one has patience. */
const followed =
  (task: string, tools: Tools) =>
  async (
    isSo: (held: HeldThere) => boolean,
    { since, verb }: { readonly since: number; readonly verb: string },
  ): Promise<Followed> => {
    const { now, sleep, signal, err } = tools.io;
    const steps: Step[] = [];
    let explained: Explained | undefined;
    const waiting = () =>
      explained?.tasks[0]?.registries.filter(
        ({ registry }) => !steps.some(({ step }) => step.endsWith(` ${registry}`)),
      ) ?? [];
    do {
      explained = await ask<Explained>('inspect', { command: 'explain', task }, tools);
      for (const held of waiting().filter(isSo)) {
        const step = { step: `${verb} ${held.registry}`, milliseconds: now() - since };
        err(`${step.step} after ${(step.milliseconds / 1_000).toFixed(1)} s`);
        steps.push(step);
      }
      if (explained.tasks.length > 0 && waiting().length === 0)
        return { steps, missing: [], why: [] };
      await sleep(PAUSE);
    } while (now() - since < PATIENCE && !signal.aborted);
    const what = signal.aborted ? 'before Ctrl-C' : `within ${PATIENCE / 1_000} s`;
    const [found] = explained.tasks;
    return {
      steps,
      missing: waiting().map(({ registry }) => `not ${verb} ${registry} ${what}`),
      why: [
        ...(found?.skips.map(skipText) ?? []),
        ...(found?.registries.flatMap(({ registry, error }) =>
          error === undefined ? [] : [`${registry}: ${error}`],
        ) ?? []),
        ...(found ? [] : explained.unread),
      ],
    };
  };

const describe = async (ecs: ECSClient, taskDefinition: string): Promise<TaskDefinition> => {
  const { DescribeTaskDefinitionCommand } = await import('@aws-sdk/client-ecs');
  const { taskDefinition: found } = await ecs
    .send(new DescribeTaskDefinitionCommand({ taskDefinition }))
    .catch((error: unknown) => {
      if (/Unable to describe|not found/i.test(String(error)))
        throw wrongUse(`--smoke: there is no task definition ${taskDefinition}`);
      throw error;
    });
  if (!found) throw wrongUse(`--smoke: there is no task definition ${taskDefinition}`);
  return found;
};

/** The first that publishes a port: without one there is nothing to register. */
const containerOf = ({ containerDefinitions = [], family }: TaskDefinition): string => {
  const found = containerDefinitions.find(({ portMappings = [] }) => portMappings.length > 0);
  if (found?.name === undefined)
    throw wrongUse(`--smoke: expected a definition that publishes a port, got ${family}`);
  return found.name;
};

const launchOf = (
  { networkMode, requiresCompatibilities = [] }: TaskDefinition,
  { subnets, securityGroups, publicIp }: SmokeTest,
): Pick<RunTaskCommandInput, 'launchType' | 'networkConfiguration'> => {
  const launchType = requiresCompatibilities.includes('FARGATE') ? 'FARGATE' : 'EC2';
  if (networkMode !== 'awsvpc') return { launchType };
  if (subnets.length === 0)
    throw wrongUse('--smoke: the definition is of network mode awsvpc: say in which --subnets');
  const assignPublicIp = publicIp ? 'ENABLED' : 'DISABLED';
  return {
    launchType,
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...subnets],
        ...(securityGroups.length > 0 && { securityGroups: [...securityGroups] }),
        ...(launchType === 'FARGATE' && { assignPublicIp }),
      },
    },
  };
};
