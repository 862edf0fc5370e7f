import { createEc2 } from '../../local/aws/ec2.ts';
import { createEcs } from '../../local/aws/ecs.ts';
import { type AwsServer, startAws } from '../../local/aws/server.ts';
import type { AwsService } from '../../local/aws/service.ts';
import { createServiceDiscovery } from '../../local/aws/servicediscovery.ts';
import { createSsm } from '../../local/aws/ssm.ts';
import { startConsul } from '../../local/consul.ts';
import { replaceEnvironment, SIMULATED_ACCOUNT, type Variables } from '../../local/environment.ts';
import { startEureka } from '../../local/eureka.ts';
import { NAMESPACE } from '../../local/servers.ts';
import type { Place } from '../target/target.ts';
import { createAccount, taskPlaceOf } from './account.ts';
import type { Recording } from './recording.ts';
import type { Subject } from './subjects.ts';

/** What a preview reads from. */
export interface Stage {
  readonly said: readonly string[];
  /** What is to be handled there. */
  readonly event: unknown;
  /** Whether what Consul holds is to be shown besides. */
  readonly asksConsul: boolean;
  stop(): Promise<void>;
}

/** Where a preview is made, and under which rules. */
export interface Surroundings {
  /** The account of the environment's credentials is read; else only what was given. */
  readonly account: boolean;
  /** Where that account is. */
  readonly place?: Place;
  /** What leads to the Consul that is to be compared with; it is only read. */
  readonly consul?: Variables;
  /** Variables that the deployment's parameters would set. */
  readonly settings: Variables;
}

/**
 * Nothing is written under observe; without a queue no look is sent, and without parameters nothing
 * is kept.
 */
const READ_ONLY: Variables = { ROLLCALL_POLICY: 'observe' };
const WRITTEN_TO = [
  'ROLLCALL_QUEUE_URL',
  'ROLLCALL_RENEW_QUEUE_URL',
  'ROLLCALL_SUMMARY_PARAMETER',
  'ROLLCALL_RELEASE_PARAMETER',
  'ROLLCALL_REMOVALS_PARAMETER',
];
/**
 * Says which servers the tests ask; no function knows it, and each refuses what it does not know.
 */
const OF_THE_TESTS = 'ROLLCALL_REAL';
const LEFT_OUT = [...WRITTEN_TO, OF_THE_TESTS];
/** Which variable makes a registry one to compare with. */
const NAMED_BY: Variables = {
  ROLLCALL_NAMESPACE: 'cloudmap',
  CONSUL_HTTP_ADDR: 'consul',
  EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: 'eureka',
};

/**
 * The account of the environment's credentials, and those registries that the environment names.
 */
export const againstAccount = async (
  subject: Subject,
  { place, settings }: Surroundings,
): Promise<Stage> => {
  const { env } = process;
  const kept = Object.entries(env).filter(([name]) => !LEFT_OUT.includes(name));
  const owner = env['ROLLCALL_OWNER'];
  const named = Object.entries(NAMED_BY).flatMap(([variable, name]) =>
    env[variable] ? [name] : [],
  );
  const registries = env['ROLLCALL_REGISTRIES'] || named.join(',');
  const variables = {
    ...Object.fromEntries(kept.flatMap(([name, value]) => (value ? [[name, value]] : []))),
    AWS_REGION: env['AWS_REGION'] || taskPlaceOf(subject).region,
    ...(place && toVariables(place)),
    ...settings,
    ...READ_ONLY,
    ROLLCALL_PLACE: toPlace(subject),
    ROLLCALL_OWNER: owner || 'preview',
  };
  const reading = "Reading the account of the environment's credentials; nothing is written.";
  if (registries) {
    const unowned = owner ? [] : ['ROLLCALL_OWNER is not set, so no record there counts as ours.'];
    const restore = replaceEnvironment({ ...variables, ROLLCALL_REGISTRIES: registries });
    return {
      said: [reading, `Compared with: ${registries}.`, ...unowned],
      event: subject.event,
      asksConsul: registries.split(',').includes('consul'),
      stop: async () => restore(),
    };
  }
  const empty = await startEmptyRegistries([]);
  const how = `ROLLCALL_REGISTRIES, ${Object.keys(NAMED_BY).join(', ')}`;
  const restore = replaceEnvironment({
    ...variables,
    ...empty.variables,
    AWS_ENDPOINT_URL_SERVICEDISCOVERY: empty.url,
  });
  return {
    said: [reading, `Registries are taken to be empty: none of ${how} is set.`],
    event: subject.event,
    asksConsul: false,
    async stop() {
      restore();
      await empty.stop();
    },
  };
};

/** Names belong to somebody (docs/configuration.md), and a file tells of nobody else. */
const UNASKED =
  'Not asked: which other ECS services have one of these names, or a stronger right to it; with --account ECS is asked.';

/** An account that knows what was given, and nothing else. */
export const againstSimulator = async (
  subject: Subject,
  { consul, settings }: Surroundings,
): Promise<Stage> => {
  const { world, event, told } = createAccount(subject);
  const empty = await startEmptyRegistries([createEcs(world), createEc2(world), createSsm(world)]);
  const restore = replaceEnvironment({
    ...SIMULATED_ACCOUNT,
    ...empty.variables,
    ...consul,
    ...settings,
    ...READ_ONLY,
    AWS_ENDPOINT_URL: empty.url,
    ROLLCALL_OWNER: 'preview',
    ROLLCALL_PLACE: toPlace(subject),
  });
  const compared = consul
    ? `Compared with Consul at ${consul['CONSUL_HTTP_ADDR']}; other registries are taken to be empty, and nothing is written.`
    : 'Registries are taken to be empty, and nothing is written.';
  return {
    said: [compared, UNASKED, ...told],
    event,
    asksConsul: consul !== undefined,
    async stop() {
      restore();
      await empty.stop();
    },
  };
};

const toVariables = ({ region, local }: Place): Variables =>
  local === undefined
    ? { AWS_REGION: region }
    : {
        ...SIMULATED_ACCOUNT,
        AWS_REGION: region,
        AWS_ENDPOINT_URL: local.endpoint,
        // As the local run has it: its tasks are processes of this machine.
        ROLLCALL_LOOPBACK: 'allow',
      };

/** The event's own: what is asked is what it would do where it happened. */
const toPlace = (recording: Recording): string => {
  const { partition, region, account } = taskPlaceOf(recording);
  return [partition, region, account].join(':');
};

/** `services` are simulated beside Cloud Map. */
const startEmptyRegistries = async (services: readonly AwsService[]) => {
  const cloudmap = createServiceDiscovery();
  cloudmap.addNamespace(NAMESPACE, 'HTTP');
  const aws: AwsServer = await startAws([...services, cloudmap]);
  const [consul, eureka] = await Promise.all([startConsul(), startEureka()]);
  const variables: Variables = {
    CONSUL_HTTP_ADDR: consul.url,
    EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: `${eureka.url}/`,
    ROLLCALL_REGISTRIES: 'cloudmap,consul,eureka',
    ROLLCALL_NAMESPACE: NAMESPACE,
  };
  const stop = async () => {
    await Promise.all([aws, consul, eureka].map((server) => server.stop()));
  };
  return { url: aws.url, variables, stop };
};
