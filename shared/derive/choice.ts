import type { Rules } from '../config/config.ts';
import type { Skip } from '../model/plan.ts';
import { type Identity, vipsIn } from '../model/registration.ts';
import { addressKind } from './address-labels.ts';
import type { NameFrom } from './claim.ts';
import type { DeriveInput } from './derived.ts';
import { chooseFolded, roleFault } from './folding.ts';
import { grantedNames } from './granted-names.ts';
import { toId } from './id.ts';
import { textOf } from './labels.ts';
import { isCounted } from './membership.ts';
import type { NameRights } from './name-rights.ts';
import { type Note, portText, type Reason, type TaskPort, toSkip } from './ports.ts';
import { rangeAround, toTaskPorts } from './task-ports.ts';

/** A port that has a record of its own while its task runs. */
export interface NamedPort extends TaskPort {
  readonly identity: Identity;
  readonly from: NameFrom;
  /** The VIPs that its labels give it, where they may: names like the others. */
  readonly vips: readonly string[];
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
  readonly rights: NameRights;
}

type Verdict = { readonly name: string; readonly from: NameFrom } | { readonly skip: Reason };

/**
 * Which ports are registered and under which name, from the task's definition and overrides alone.
 */
export const choosePorts = (input: DeriveInput, rules: Rules, note: Note): Choice => {
  const { task } = input;
  const ports = toTaskPorts(input, rules, note);
  const folds = chooseFolded(ports);
  const { verdictOf, rights } = judge(input, rules, { ports, folds, note });
  const named: NamedPort[] = [];
  const skips: Skip[] = withoutPorts(input, ports);
  for (const port of ports) {
    const fault = roleFault(port);
    if (fault) note(`${portText(port)}: ${fault}`);
    const verdict = verdictOf(port);
    if ('name' in verdict)
      named.push({
        ...port,
        identity: toIdentity(input, rules, { port, name: verdict.name }),
        from: verdict.from,
        vips: rules.names.addressLabels === 'on' ? vipsOf(port) : [],
      });
    else skips.push(toSkip(task, port, verdict.skip));
  }
  return {
    ports,
    named,
    folded: [...folds].filter((port) => !textOf(port.words, 'ignore')),
    skips,
    byNumber: Map.groupBy(ports, ({ mapping }) => mapping.containerPort),
    byContainer: Map.groupBy(named, ({ container }) => container.name),
    rights,
  };
};

const judge = (input: DeriveInput, rules: Rules, { ports, folds, note }: Judged) => {
  const { task, definition } = input;
  const selector = definition.tags['rollcall:port']?.trim();
  const selected = new Set(ports.filter((port) => !selector || answersTo(selector, port)));
  if (selector && selected.size === 0) {
    const around = definition.containers.map((one) => rangeAround(selector, one)).find(Boolean);
    const hint = around ? `: say ${around.containerPort}, the first of its range` : '';
    note(`tag rollcall:port: no port is called ${selector}${hint}`);
  }
  const isSidecar = (port: TaskPort) =>
    rules.profile === 'ecs' && port.container.sidecar !== undefined && !isMeant(port, selector);
  // Ignored ports are named too: a name must not change because a label was added to another port.
  const counted = ports.filter(
    (port) => selected.has(port) && !folds.has(port) && !isSidecar(port),
  );
  const { names, rights } = grantedNames(counted, input, rules, note);
  const counts = isCounted(task, rules);
  const verdictOf = (port: TaskPort): Verdict => {
    if (textOf(port.words, 'ignore'))
      return { skip: ['ignored', 'SERVICE_IGNORE or rollcall:ignore is set'] };
    if (folds.has(port))
      return { skip: ['folded', "EUREKA_ROLE makes it part of its container's instance"] };
    if (!selected.has(port)) return { skip: ['not-selected', `rollcall:port is ${selector}`] };
    if (isSidecar(port))
      return {
        skip: ['sidecar', `the definition makes its container the ${port.container.sidecar}`],
      };
    const said = textOf(port.words, 'name');
    if (!counts && !said) return { skip: NOT_NAMED };
    if (rules.mode === 'opt-in' && !said)
      return { skip: ['not-opted-in', 'neither SERVICE_NAME nor rollcall:name is set'] };
    const { name = '', raw = '', from = 'template' } = names.get(port) ?? {};
    if (!name) return { skip: ['invalid-name', `no valid service name in ${JSON.stringify(raw)}`] };
    if (raw.includes('{zone}'))
      return { skip: ['invalid-name', `nothing is known for {zone} in ${JSON.stringify(raw)}`] };
    const fault = !counts || from === 'template' ? rights.faultOf(name, from) : undefined;
    const notSo = fault && notCalled(name, fault);
    if (notSo) return { skip: counts ? ['name-taken', notSo, name] : ['not-of-service', notSo] };
    if (name !== raw) note(`${portText(port)}: service name ${JSON.stringify(raw)} became ${name}`);
    return { name, from };
  };
  return { verdictOf, rights };
};

const vipsOf = ({ words }: TaskPort) =>
  [...words].flatMap(([key, { value }]) => (addressKind(key) === 'name' ? vipsIn(value) : []));

const notCalled = (name: string, fault: string) => `it may not be called ${name}: ${fault}`;

/** Another container of the run has a name. */
const NOT_NAMED: Reason = ['not-of-service', "the run's own override names other ports only"];

/** A port of a sidecar is registered where a label or a tag says so: its image brings variables. */
const isMeant = ({ words }: TaskPort, selector: string | undefined) =>
  words.get('name')?.source === 'label' || selector !== undefined;

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

const withoutPorts = ({ task, definition }: DeriveInput, ports: readonly TaskPort[]): Skip[] => {
  const withPorts = new Set(ports.map(({ container }) => container));
  return definition.containers
    .filter((container) => !withPorts.has(container))
    .map(({ name }) => ({
      task: task.arn,
      container: name,
      code: 'no-ports',
      detail: `container ${name}: the task definition maps no port`,
    }));
};
