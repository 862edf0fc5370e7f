import type { Rules } from '../config/config.ts';
import type { Withhold } from '../model/address.ts';
import type { Health, Instance } from '../model/registration.ts';
import type { ContainerDefinition, Definition } from '../model/task.ts';
import { byText } from '../model/text.ts';
import { type Endpoint, type Reach, reachOf, wantedAddress } from './address.ts';
import { checkOf } from './check.ts';
import type { Choice, NamedPort } from './choice.ts';
import type { DeriveInput } from './derived.ts';
import { eurekaOf, type FoldedPorts } from './eureka.ts';
import { isPlain, roleOf } from './folding.ts';
import { ownMetadata, rangeMetadata, userMetadata, weightOf, zoneOf } from './metadata.ts';
import { filler, type Values } from './placeholders.ts';
import { type Note, portText, type TaskPort } from './ports.ts';
import { compact } from './records.ts';
import { tagsOf } from './tags.ts';

type NetworkMode = Exclude<Definition['networkMode'], 'none'>;

/** One task on its way, with what was decided for all its ports. */
export interface DeriveContext {
  readonly input: DeriveInput;
  readonly rules: Rules;
  readonly choice: Choice;
  readonly networkMode: NetworkMode;
  readonly healthOf: (container: ContainerDefinition) => Health;
  readonly withhold: Withhold;
  readonly note: Note;
}

/** The instance of a port, or why it cannot be reached. */
export const toInstance = (
  port: NamedPort,
  context: DeriveContext,
): Instance | Exclude<Reach, Endpoint> => {
  const { input, rules, networkMode, withhold } = context;
  const endpoint = reach(port, context);
  if ('skip' in endpoint) return endpoint;
  const note: Note = (text) => context.note(`${portText(port)}: ${text}`);
  if (networkMode === 'bridge' && port.container.isRestarted && port.mapping.hostPort === 0)
    note('its restartPolicy may give it another host port, and ECS tells nobody: fix its hostPort');
  const values = valuesFor(port, endpoint, context);
  const fill = filler(values, (placeholder) =>
    note(`nothing is known for ${placeholder}; it stays as it is`),
  );
  const folded = foldedInto(port, context);
  const { service } = port.identity;
  const { addressLabels } = rules.names;
  const self = { endpoint, service, rights: context.choice.rights, addressLabels };
  const { lastPort, ...reached } = endpoint;
  const metadata = {
    ...userMetadata(port, rules.profile, { fill, note, self }),
    ...(folded.management !== undefined && { 'management.port': String(folded.management) }),
    ...ownMetadata(input, port, rules),
    ...rangeMetadata(port, endpoint),
  };
  return compact<Instance>({
    ...port.identity,
    ...reached,
    task: input.task.arn,
    health: context.healthOf(port.container),
    weight: weightOf(metadata, note),
    tags: tagsOf(port, rules.profile, fill),
    metadata,
    networkMode,
    check: checkOf(port.words, endpoint, { values, note, protocol: port.mapping.protocol }),
    eureka: eurekaOf(port, { endpoint, folded }, { values, note, withhold, self }),
  });
};

const reach = (port: TaskPort, { input, rules, withhold }: DeriveContext): Reach => {
  const reached = reachOf(input, port, wantedAddress(input.definition, rules));
  return 'skip' in reached ? reached : (withheld(reached, withhold) ?? reached);
};

/** Where the address, or another that a record tells beside it, may not be handed to clients. */
const withheld = ({ address, ipv4, ipv6 }: Endpoint, withhold: Withhold) => {
  for (const one of new Set([address, ipv4, ipv6])) {
    const what = one && withhold(one);
    if (what) return { skip: ['withheld-address', `${one} is ${what}`] } as const;
  }
  return undefined;
};

const reachedPort = (port: TaskPort | undefined, context: DeriveContext): number | undefined => {
  const endpoint = port && reach(port, context);
  return endpoint && 'port' in endpoint ? endpoint.port : undefined;
};

const valuesFor = (port: NamedPort, endpoint: Endpoint, context: DeriveContext): Values => ({
  ...endpoint,
  zone: zoneOf(context.input),
  portOf: (containerPort) => reachedPort(nearest(port, containerPort, context), context),
});

/**
 * A container port by its number: of the same container if it has one, and of the same protocol if
 * there is one.
 */
const nearest = (
  from: TaskPort,
  containerPort: number,
  { choice }: DeriveContext,
): TaskPort | undefined => {
  const distance = ({ container, mapping }: TaskPort) =>
    Number(container.name !== from.container.name) * 2 +
    Number(mapping.protocol !== from.mapping.protocol);
  const [first] = (choice.byNumber.get(containerPort) ?? []).toSorted(
    (a, b) => distance(a) - distance(b) || byText(a.container.name, b.container.name),
  );
  return first;
};

/**
 * The folded ports of a container belong to its first plain port that has a record, or else to its
 * first of tcp.
 */
const foldedInto = (port: NamedPort, context: DeriveContext): FoldedPorts => {
  const { byContainer, folded } = context.choice;
  const ofContainer = (other: TaskPort) => other.container.name === port.container.name;
  if (!folded.some(ofContainer)) return {};
  const named = byContainer.get(port.container.name) ?? [];
  const tcp = named.filter((other) => other.mapping.protocol === 'tcp');
  const first = tcp.find(isPlain) ?? tcp[0];
  if (first !== port) return {};
  const [secure, management] = (['secure', 'management'] as const).map((role) => {
    const part = folded.filter(ofContainer).find((other) => roleOf(other) === role);
    const reached = reachedPort(part, context);
    if (part && reached === undefined)
      context.note(`${portText(part)}: no host port is known, it is left out`);
    return reached;
  });
  return compact<FoldedPorts>({ secure, management });
};
