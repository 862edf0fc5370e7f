import type { NameRules, Rules } from '../../../shared/config/config.ts';
import type { NameClaims } from '../../../shared/derive/claim.ts';
import { claimsUnder, type NameClaim } from '../../../shared/derive/claim-fault.ts';
import { derive } from '../../../shared/derive/derive.ts';
import type { Derived, DeriveInput } from '../../../shared/derive/derived.ts';
import type { ClusterArn, TaskArn } from '../../../shared/model/arn.ts';
import type { Instance } from '../../../shared/model/registration.ts';
import type {
  Binding,
  Container,
  ContainerDefinition,
  Definition,
  Host,
  PortMapping,
  Task,
} from '../../../shared/model/task.ts';
import { NAME_RULES } from '../../support/name-rules.ts';

/**
 * A running awsvpc task of the service `web` with one container `app` on 8080/tcp, unless a test
 * says otherwise.
 */
export const TASK_ID = '0123456789abcdef0123456789abcdef';
export const CLUSTER: ClusterArn = 'arn:aws:ecs:eu-west-1:111122223333:cluster/shop';
export const TASK: TaskArn = `arn:aws:ecs:eu-west-1:111122223333:task/shop/${TASK_ID}`;
export const OWNER = 'rollcall:111122223333:eu-west-1';

export const port = (containerPort = 8080, more: Partial<PortMapping> = {}): PortMapping => ({
  containerPort,
  hostPort: 0,
  protocol: 'tcp',
  ...more,
});

export const udp = (containerPort: number) => port(containerPort, { protocol: 'udp' });

export const container = (more: Partial<ContainerDefinition> = {}): ContainerDefinition => ({
  name: 'app',
  image: 'registry.example:5000/team/api:v1',
  ports: [port()],
  labels: {},
  environment: {},
  hasHealthCheck: false,
  isEssential: true,
  ...more,
});

export const definition = (more: Partial<Definition> = {}): Definition => ({
  arn: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/shop-web:5',
  family: 'shop-web',
  networkMode: 'awsvpc',
  containers: [container()],
  tags: {},
  ...more,
});

export const binding = (
  containerPort: number,
  hostPort: number,
  more: Partial<Binding> = {},
): Binding => ({
  bindIp: '0.0.0.0',
  containerPort,
  hostPort,
  protocol: 'tcp',
  ...more,
});

export const running = (more: Partial<Container> = {}): Container => ({
  name: 'app',
  bindings: [],
  ...more,
});

export const task = (more: Partial<Task> = {}): Task => ({
  arn: TASK,
  id: TASK_ID,
  clusterArn: CLUSTER,
  definitionArn: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/shop-web:5',
  version: 3,
  desiredStatus: 'RUNNING',
  lastStatus: 'RUNNING',
  group: 'service:web',
  startedBy: 'ecs-svc/1234567890123456789',
  zone: 'eu-west-1a',
  startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  eni: { id: 'eni-1', ipv4: '10.0.1.163' },
  containers: [running()],
  overrides: {},
  ...more,
});

export const host = (more: Partial<Host> = {}): Host => ({
  containerInstanceArn: 'arn:aws:ecs:eu-west-1:111122223333:container-instance/shop/1',
  instanceId: 'i-0abc',
  privateIpv4: '10.0.9.9',
  publicIpv4: '203.0.113.9',
  ipv6: '2001:db8::9',
  zone: 'eu-west-1b',
  ...more,
});

export const rules = (more: Partial<Rules> = {}): Rules => ({
  owner: OWNER,
  profile: 'ecs',
  tasks: 'services',
  mode: 'opt-out',
  address: 'private',
  names: nameRules(),
  ...more,
});

/** Labels may say all they can, so that each test sees what they mean. */
export const nameRules = (more: Partial<NameRules> = {}): NameRules => ({
  ...NAME_RULES,
  labels: 'all',
  addressLabels: 'on',
  ...more,
});

/**
 * The whole of a case in one object: containers, tags and mode go to the definition, the rest where
 * it belongs.
 */
export interface Case {
  readonly containers?: readonly ContainerDefinition[];
  readonly tags?: Definition['tags'];
  readonly networkMode?: Definition['networkMode'];
  readonly task?: Partial<Task>;
  readonly rules?: Partial<Rules>;
  readonly more?: Partial<DeriveInput>;
}

export const inputOf = (given: Case): DeriveInput => {
  const { containers = [container()], tags = {}, networkMode = 'awsvpc' } = given;
  return {
    task: task(given.task),
    definition: definition({ containers, tags, networkMode }),
    ...given.more,
  };
};

export const derived = (given: Case): Derived => derive(inputOf(given), rules(given.rules));

/** The only instance of a case. */
export const instance = (given: Case): Instance => {
  const { instances, skips } = derived(given);
  const [only, ...others] = instances;
  if (!only || others.length > 0)
    throw new Error(`expected one instance, not ${instances.length}: ${JSON.stringify(skips)}`);
  return only;
};

/** Service names by container port and protocol, as `8080/tcp web`. */
export const names = (given: Case): readonly string[] =>
  derived(given)
    .instances.map(({ id, protocol, service }) => `${id.split('-').at(-2)}/${protocol} ${service}`)
    .sort();

/** Reasons, as `app 8080 ignored`. */
export const reasons = (given: Case): readonly string[] =>
  derived(given).skips.map((skip) =>
    [skip.container, skip.port, skip.code].filter((part) => part !== undefined).join(' '),
  );

/** One container `app` on these ports, with these labels. */
export const labelled = (labels: Record<string, string>, ...ports: readonly PortMapping[]) => [
  container({ labels, ...(ports.length > 0 && { ports }) }),
];

/** Who claims names, by the name: one owner is the ECS service to which the template gives it. */
export const claimsOf = (
  claims: Readonly<Record<string, string | readonly NameClaim[]>>,
  under: Partial<Rules> = {},
): NameClaims =>
  claimsUnder((key) => {
    const known = claims[key] ?? [];
    return typeof known === 'string' ? [{ owner: known, isService: true, isPlain: true }] : known;
  }, rules(under));
