import type { Rules } from '../config/config.ts';
import type { Skip } from '../model/plan.ts';
import type { Identity } from '../model/registration.ts';
import type { DeriveInput } from './derived.ts';
import { chooseFolded, roleFault } from './folding.ts';
import { toId } from './id.ts';
import { textOf } from './labels.ts';
import { nameOf } from './names.ts';
import { type Note, portText, type Reason, type TaskPort, toSkip, toTaskPorts } from './ports.ts';

/** A port that has a record of its own while its task runs. */
export interface NamedPort extends TaskPort {
  readonly identity: Identity;
}

export interface Choice {
  /** All that the task publishes, whatever becomes of it. */
  readonly ports: readonly TaskPort[];
  readonly named: readonly NamedPort[];
  /** Part of another port's Eureka instance, and not ignored. */
  readonly folded: readonly TaskPort[];
  readonly skips: readonly Skip[];
  /** All of one container port, in whatever container. */
  readonly byNumber: ReadonlyMap<number, readonly TaskPort[]>;
  /**
   * Those with a record, by container. A task may publish thousands: nothing looks at all of them
   * for each.
   */
  readonly byContainer: ReadonlyMap<string, readonly NamedPort[]>;
}

type Verdict = { readonly name: string } | { readonly skip: Reason };

/**
 * Which ports are registered and under which name, from the task's definition and overrides alone.
 */
export const choosePorts = (input: DeriveInput, rules: Rules, note: Note): Choice => {
  const { task } = input;
  const ports = toTaskPorts(input, rules);
  const folds = chooseFolded(ports);
  const verdictOf = judge(input, rules, { ports, folds, note });
  const named: NamedPort[] = [];
  const skips: Skip[] = withoutPorts(input);
  for (const port of ports) {
    const fault = roleFault(port);
    if (fault) note(`${portText(port)}: ${fault}`);
    const verdict = verdictOf(port);
    if ('name' in verdict)
      named.push({ ...port, identity: toIdentity(input, rules, { port, ...verdict }) });
    else skips.push(toSkip(task, port, verdict.skip));
  }
  return {
    ports,
    named,
    folded: [...folds].filter((port) => !textOf(port.words, 'ignore')),
    skips,
    byNumber: Map.groupBy(ports, ({ mapping }) => mapping.containerPort),
    byContainer: Map.groupBy(named, ({ container }) => container.name),
  };
};

const judge = (input: DeriveInput, rules: Rules, about: Judged) => {
  const { ports, folds, note } = about;
  const selector = input.definition.tags['rollcall:port']?.trim();
  const selected = ports.filter((port) => !selector || answersTo(selector, port));
  if (selector && selected.length === 0) note(`tag rollcall:port: no port is called ${selector}`);
  // Ignored ports count: a name must not change because a label was added to another port.
  const counted = selected.filter((port) => !folds.has(port));
  const inContainer = Map.groupBy(counted, ({ container }) => container.name);
  const isSelected = new Set(selected);
  return (port: TaskPort): Verdict => {
    if (textOf(port.words, 'ignore'))
      return { skip: ['ignored', 'SERVICE_IGNORE or rollcall:ignore is set'] };
    if (folds.has(port))
      return { skip: ['folded', "EUREKA_ROLE makes it part of its container's instance"] };
    if (!isSelected.has(port)) return { skip: ['not-selected', `rollcall:port is ${selector}`] };
    if (rules.mode === 'opt-in' && !textOf(port.words, 'name'))
      return { skip: ['not-opted-in', 'neither SERVICE_NAME nor rollcall:name is set'] };
    const container = inContainer.get(port.container.name)?.length ?? 0;
    const counts = { task: counted.length, container };
    const { profile } = rules;
    const { name, raw } = nameOf(port, input.task, {
      profile,
      definition: input.definition,
      counts,
    });
    if (!name) return { skip: ['invalid-name', `no valid service name in ${JSON.stringify(raw)}`] };
    if (name !== raw) note(`${portText(port)}: service name ${JSON.stringify(raw)} became ${name}`);
    return { name };
  };
};

interface Judged {
  readonly ports: readonly TaskPort[];
  readonly folds: ReadonlySet<TaskPort>;
  readonly note: Note;
}

const answersTo = (selector: string, { mapping }: TaskPort) =>
  selector === mapping.name || selector === String(mapping.containerPort);

const toIdentity = (
  { task }: DeriveInput,
  { owner }: Rules,
  { port, name }: { readonly port: TaskPort; readonly name: string },
): Identity => ({
  id: toId({ owner, task, container: port.container.name, mapping: port.mapping }),
  service: name,
  protocol: port.mapping.protocol,
  cluster: task.clusterArn,
});

const withoutPorts = ({ task, definition }: DeriveInput): Skip[] =>
  definition.containers
    .filter(({ ports }) => ports.length === 0)
    .map(({ name }) => ({
      task: task.arn,
      container: name,
      code: 'no-ports',
      detail: `container ${name}: the task definition maps no port`,
    }));
