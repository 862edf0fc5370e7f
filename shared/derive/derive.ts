import type { Rules } from '../config/config.ts';
import { createWithhold } from '../model/address.ts';
import type { Skip } from '../model/plan.ts';
import type { Identity, Instance } from '../model/registration.ts';
import { byText } from '../model/text.ts';
import { addressFault } from './address.ts';
import { choosePorts, type NamedPort } from './choice.ts';
import { containerState } from './containers.ts';
import type { Derived, DeriveInput } from './derived.ts';
import { healthIn } from './health.ts';
import { toId } from './id.ts';
import { type DeriveContext, toInstance } from './instance.ts';
import { namesItself } from './labels.ts';
import { isCounted, notOfService } from './membership.ts';
import { namesIfLost } from './names-to-lose.ts';
import { needsHost } from './needs.ts';
import { type Note, type Reason, type TaskPort, toSkip } from './ports.ts';

export { hasHealthCheck, needsHost, needsPublicAddress } from './needs.ts';

/**
 * What a task is in service registries, and why whatever is missing is missing. Pure: the same
 * task, definition, host and rules give the same answer, in whatever order labels come. The order
 * of containers counts where nothing else says which of them bears the plain name. No label makes
 * it throw.
 */
export const derive = (input: DeriveInput, rules: Rules): Derived => {
  const notes = new Set<string>();
  const note: Note = (text) => notes.add(text);
  const { networkMode } = input.definition;
  const exclusion = exclusionOf(input, rules);
  if (exclusion || networkMode === 'none') {
    const skip = ofTask(input, exclusion ?? NO_NETWORK);
    const none = { identities: [], stopped: [], stoppedIds: new Set<string>(), instances: [] };
    return { ...none, lost: new Map(), skips: [skip], notes: [] };
  }
  const fault = addressFault(input.definition);
  if (fault) note(fault);
  const choice = choosePorts(input, rules, note);
  const keyOf = ({ id, service }: Identity) => `${id} ${service}`;
  const named = identitiesOf(choice.named);
  const isNamed = new Set(named.map(keyOf));
  const guessed = identitiesOf(input.obstacle ? namesIfLost(input, rules) : [])
    .filter((one) => !isNamed.has(keyOf(one)))
    .map((one) => [keyOf(one), { ...one, isGuess: true }] as const);
  // What is known first, as one record may be meant by both.
  const identities = [...named, ...new Map(guessed).values()];
  const isStopped = ({ container }: TaskPort) =>
    containerState(input.task, container.name) === 'stopped';
  const stopped = identitiesOf(choice.named.filter(isStopped));
  const stoppedIds = new Set(
    choice.ports.filter(isStopped).flatMap((port) => idsOf(port, input, rules)),
  );
  const obstacle = obstacleOf(input);
  const { instances, skips } = obstacle
    ? { instances: [], skips: [ofTask(input, obstacle)] }
    : reachPorts({
        input,
        rules,
        choice,
        networkMode,
        note,
        healthOf: healthIn(input.definition, input.task),
        withhold: createWithhold(rules.addresses ?? {}),
      });
  return {
    identities,
    stopped,
    stoppedIds,
    instances,
    lost: choice.rights.lost,
    skips,
    notes: [...notes].sort(byText),
  };
};

/** Ports of a range that the version before registered one by one. */
const MOST_OF_RANGE = 100;

/** Every id that a record of this port may have: of a range each port had one. */
const idsOf = (
  { container, mapping }: TaskPort,
  { task }: DeriveInput,
  { owner }: Rules,
): readonly string[] => {
  const { containerPort, lastContainerPort = containerPort, protocol } = mapping;
  const length = Math.min(lastContainerPort - containerPort + 1, MOST_OF_RANGE);
  return Array.from({ length }, (_, at) =>
    toId({
      owner,
      task,
      container: container.name,
      mapping: { containerPort: containerPort + at, protocol },
    }),
  );
};

const identitiesOf = (ports: readonly NamedPort[]) =>
  ports.map(({ identity }) => identity).sort(byServiceAndId);

const reachPorts = (context: DeriveContext) => {
  const { choice, input } = context;
  const instances: Instance[] = [];
  const skips: Skip[] = [...choice.skips];
  for (const port of choice.named) {
    const made = toInstance(port, context);
    if ('skip' in made) skips.push(toSkip(input.task, port, made.skip));
    else instances.push(made);
  }
  return { instances: instances.sort(byServiceAndId), skips: skips.sort(byContainerAndPort) };
};

const NO_NETWORK: Reason = ['network-mode', 'network mode none: the task has no address'];

/** Why none of the task's ports is ever registered, if so. */
const exclusionOf = ({ task }: DeriveInput, rules: Rules): Reason | undefined =>
  isCounted(task, rules) || namesItself(task) ? undefined : notOfService(task);

/** It stands for the reasons of single ports. */
const obstacleOf = ({ task, definition, host, obstacle }: DeriveInput): Reason | undefined => {
  if (obstacle || !needsHost(definition) || host) return obstacle;
  return [
    'host-unknown',
    `no host is known for ${task.containerInstanceArn ?? 'a task without one'}`,
  ];
};

const ofTask = ({ task }: DeriveInput, [code, detail]: Reason): Skip => ({
  task: task.arn,
  code,
  detail,
});

const byServiceAndId = (a: Identity, b: Identity) =>
  byText(a.service, b.service) || byText(a.id, b.id);

const byContainerAndPort = (a: Skip, b: Skip) =>
  byText(a.container ?? '', b.container ?? '') ||
  (a.port ?? 0) - (b.port ?? 0) ||
  byText(a.detail, b.detail);
