import { createEc2 } from '../aws/ec2.ts';
import { createEcs } from '../aws/ecs.ts';
import { type AwsServer, startAws } from '../aws/server.ts';
import type { AwsService } from '../aws/service.ts';
import { createServiceDiscovery } from '../aws/servicediscovery.ts';
import { createSsm } from '../aws/ssm.ts';
import { startConsul } from '../consul.ts';
import { replaceEnvironment, SIMULATED_ACCOUNT, type Variables } from '../environment.ts';
import { startEureka } from '../eureka.ts';
import { NAMESPACE } from '../servers.ts';
import { createAccount, taskPlaceOf } from './account.ts';
import { placeOf, type Recording } from './recording.ts';

/** What a replay reads from. */
export interface Stage {
  readonly said: readonly string[];
  /** What is to be handled there. */
  readonly event: unknown;
  stop(): Promise<void>;
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
/** Which variable makes a registry one to compare with. */
const NAMED_BY: Variables = {
  ROLLCALL_NAMESPACE: 'cloudmap',
  CONSUL_HTTP_ADDR: 'consul',
  EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: 'eureka',
};

/**
 * The account of the environment's credentials, and those registries that the environment names.
 */
export const againstAccount = async (recording: Recording): Promise<Stage> => {
  const { env } = process;
  for (const name of [...WRITTEN_TO, OF_THE_TESTS]) delete env[name];
  Object.assign(env, READ_ONLY);
  // The task's own region, whatever the profile's may be.
  const { region } = placeOf(recording);
  if (!env['AWS_REGION'] && region) env['AWS_REGION'] = region;
  env['ROLLCALL_PLACE'] = toPlace(recording);
  const owner = env['ROLLCALL_OWNER'];
  env['ROLLCALL_OWNER'] = owner || 'replay';
  const named = Object.entries(NAMED_BY).flatMap(([variable, name]) =>
    env[variable] ? [name] : [],
  );
  const registries = env['ROLLCALL_REGISTRIES'] || named.join(',');
  const reading = "Reading the account of the environment's credentials; nothing is written.";
  if (registries) {
    env['ROLLCALL_REGISTRIES'] = registries;
    const unowned = owner ? [] : ['ROLLCALL_OWNER is not set, so no record there counts as ours.'];
    const said = [reading, `Compared with: ${registries}.`, ...unowned];
    return { said, event: recording.event, stop: async () => {} };
  }
  const empty = await startEmptyRegistries([]);
  Object.assign(env, empty.variables, { AWS_ENDPOINT_URL_SERVICEDISCOVERY: empty.url });
  const how = `ROLLCALL_REGISTRIES, ${Object.keys(NAMED_BY).join(', ')}`;
  return {
    said: [reading, `Registries are taken to be empty: none of ${how} is set.`],
    event: recording.event,
    stop: empty.stop,
  };
};

/** An account that knows what the recording tells, and nothing else. */
export const againstSimulator = async (recording: Recording): Promise<Stage> => {
  const { world, event, told } = createAccount(recording);
  const empty = await startEmptyRegistries([createEcs(world), createEc2(world), createSsm(world)]);
  const restore = replaceEnvironment({
    ...SIMULATED_ACCOUNT,
    ...READ_ONLY,
    ...empty.variables,
    AWS_ENDPOINT_URL: empty.url,
    ROLLCALL_OWNER: 'replay',
    ROLLCALL_PLACE: toPlace(recording),
  });
  return {
    said: ['Registries are taken to be empty, and nothing is written.', ...told],
    event,
    async stop() {
      await empty.stop();
      restore();
    },
  };
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
