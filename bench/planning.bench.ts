import { plainSecret } from '../shared/config/secret.ts';
import { derive } from '../shared/derive/derive.ts';
import type { DeriveInput } from '../shared/derive/derived.ts';
import { NOTHING_REMOVED } from '../shared/plan/limit.ts';
import { planChanges } from '../shared/plan/plan.ts';
import { createRegistry as createEureka } from '../shared/registries/eureka/index.ts';
import { type Bench, median } from './figure.ts';
import { ARN, CONFIG, OWNER, RULES } from './settings.ts';

const TASKS = 10_000;
const ROUNDS = 7;
const CLUSTER = `${ARN}:cluster/shop` as const;

/**
 * What one reconcile of a large cluster computes, apart from all reading: nothing here does I/O.
 */
export const planning: Bench = async function* () {
  const registry = createEureka(
    { urls: plainSecret('http://127.0.0.1:8761/eureka/') },
    { owner: OWNER },
  );
  const tasks = Array.from({ length: TASKS }, (_, at) => bridgeTask(at));
  const instances = () => tasks.flatMap((task) => derive(task, RULES).instances);
  const derived = instances();
  const fitted = () => derived.flatMap((instance) => registry.fit(instance).records);
  const desired = fitted();
  const plan = (held: typeof desired) =>
    planChanges({
      registry,
      cluster: CLUSTER,
      config: CONFIG,
      desired,
      actual: {
        kind: 'listed',
        records: held,
        removed: NOTHING_REMOVED,
        removalOf: () => ({ limit: 'missing', reason: 'gone' }),
      },
    });
  if (plan(desired).unchanged !== TASKS || plan([]).changes.length !== TASKS)
    throw new Error(`the plan of ${TASKS} tasks is not what is measured here`);
  yield* [
    { name: `derive ${TASKS} tasks in bridge mode`, value: time(instances), unit: 'ms' },
    { name: 'fit them to Eureka', value: time(fitted), unit: 'ms' },
    { name: 'plan, with nothing to do', value: time(() => plan(desired)), unit: 'ms' },
    { name: 'plan, with everything to register', value: time(() => plan([])), unit: 'ms' },
  ];
};

/** Milliseconds, the median of some rounds. */
const time = (work: () => unknown) =>
  median(
    Array.from({ length: ROUNDS }, () => {
      const before = performance.now();
      work();
      return performance.now() - before;
    }),
  );

const bridgeTask = (at: number): DeriveInput => {
  const id = at.toString(16).padStart(32, '0');
  const service = `service-${at % 200}`;
  const containerInstanceArn = `${ARN}:container-instance/shop/${at % 500}` as const;
  const definitionArn = `${ARN}:task-definition/${service}:7` as const;
  return {
    task: {
      arn: `${ARN}:task/shop/${id}`,
      id,
      clusterArn: CLUSTER,
      definitionArn,
      version: 3,
      desiredStatus: 'RUNNING',
      lastStatus: 'RUNNING',
      group: `service:${service}`,
      startedBy: 'ecs-svc/1234567890123456789',
      launchType: 'EC2',
      zone: 'eu-west-1a',
      containerInstanceArn,
      startedAt: 1_795_000_000_000 + at,
      containers: [
        {
          name: 'web',
          bindings: [
            {
              bindIp: '0.0.0.0',
              containerPort: 8080,
              hostPort: 32768 + (at % 20_000),
              protocol: 'tcp',
            },
          ],
        },
      ],
      overrides: {},
    },
    definition: {
      arn: definitionArn,
      family: service,
      networkMode: 'bridge',
      tags: {},
      containers: [
        {
          name: 'web',
          image: `registry.example/${service}:7`,
          ports: [{ containerPort: 8080, hostPort: 0, protocol: 'tcp' }],
          labels: { SERVICE_TAGS: 'blue,v7', SERVICE_TEAM: 'shop' },
          environment: { LOG_LEVEL: 'info' },
          hasHealthCheck: false,
          isEssential: true,
        },
      ],
    },
    host: {
      containerInstanceArn,
      instanceId: `i-${at % 500}`,
      privateIpv4: `10.0.${(at % 500) >> 8}.${(at % 500) & 255}`,
      zone: 'eu-west-1a',
    },
  };
};
