import { expect, vi } from 'vitest';
import type { Summary } from '../../../shared/model/summary.ts';
import { type Account, NAMESPACE, openAccount, REMOVALS_PARAMETER } from './account.ts';
import {
  changeTasks,
  DEFINITIONS,
  type Family,
  type Member,
  onBridge,
  onFargate,
  onHost,
  toTaskEvent,
} from './fleet.ts';
import { FOREIGN, plantInCloudMap, plantInConsul, plantInEureka } from './foreign.ts';
import { bundleFunctions, type Functions } from './functions.ts';
import { type Mapping, startMapping } from './mapping.ts';
import { grantToken, type Parts, type Servers, startServers } from './servers.ts';
import { differences, toEntry, type View, viewCloudMap, viewConsul, viewEureka } from './views.ts';

/** DescribeContainerInstances takes 100 at once. */
const MACHINES = 101;

/** The stack's functions, and all that stands around them. */
export interface Stage {
  readonly servers: Servers;
  readonly account: Account;
  readonly functions: Functions;
  /** Of the event queue, with two environments of the event function. */
  readonly events: Mapping;
  /** By reference, since it changes with the server. */
  readonly consulToken: string;
  /** What is to be registered, by task ARN. */
  readonly fleet: Map<string, Member>;
  /** At ECS only: no event tells of it. */
  change(members: readonly Member[], changes: Changes): Promise<readonly Member[]>;
  /** At ECS, and an event for each. */
  happen(members: readonly Member[], changes: Changes): Promise<void>;
  /** A scheduled reconcile that does all it should: its summary. */
  reconcile(): Promise<Summary>;
  /** What is to be registered under a name. */
  of(service: string): readonly Member[];
  /**
   * Resolves when every one of these registries holds the fleet and what others registered, and
   * nothing else.
   */
  shown(...registries: readonly RegistryName[]): Promise<void>;
  stop(): Promise<void>;
}

export const RESOLVER_TOKEN = 'end-to-end-token';

type Changes = Readonly<Record<string, unknown>>;
type RegistryName = 'cloudmap' | 'consul' | 'eureka';
const ALL: readonly RegistryName[] = ['cloudmap', 'consul', 'eureka'];

export const startStage = async (parts: Parts): Promise<Stage> => {
  const [servers, bundles] = await Promise.all([startServers(parts), bundleFunctions(parts.ric)]);
  const { moto, consul, eureka } = servers;
  const [account] = await Promise.all([
    openAccount(moto, { machines: MACHINES, definitions: DEFINITIONS }),
    plantInConsul(consul.server()),
    plantInEureka(eureka.server()),
  ]);
  await plantInCloudMap(account);
  const consulToken = await account.createSecret(await grantToken(consul.server()));
  const resolverToken = await account.createSecret(RESOLVER_TOKEN);
  const functions = bundles.in(toEnvironment(servers, account, { consulToken, resolverToken }));
  const environments = await Promise.all(['a', 'b'].map(() => functions.start('on-task-event')));
  const events = startMapping(account.sqs, account.queueUrl, environments);
  const fleet = new Map<string, Member>();

  const change = async (members: readonly Member[], changes: Changes) => {
    const changed = await changeTasks(moto, members, changes);
    for (const member of changed)
      if (member.task['desiredStatus'] === 'STOPPED') fleet.delete(member.task.taskArn);
      else fleet.set(member.task.taskArn, member);
    return changed;
  };
  const views = {
    cloudmap: () => viewCloudMap(account),
    consul: () => viewConsul(consul.server()),
    eureka: () => viewEureka(eureka.server()),
  };
  return {
    servers,
    account,
    functions,
    events,
    consulToken,
    fleet,
    change,
    async happen(members, changes) {
      await events.send((await change(members, changes)).map(toTaskEvent));
      await events.handled();
    },
    async reconcile() {
      const summary = (await functions.invoke('reconcile', {})) as Summary;
      expect(summary).toMatchObject({ failures: [], unfinished: [] });
      return summary;
    },
    of: (wanted) => [...fleet.values()].filter(({ service }) => service === wanted),
    async shown(...registries) {
      const asked = registries.length > 0 ? registries : ALL;
      for (const name of asked)
        await vi.waitFor(
          async () =>
            expect(differences(await views[name](), expectedView(fleet, name)), name).toEqual(NONE),
          SLOWLY,
        );
    },
    async stop() {
      await events.stop();
      await functions.stop();
      await servers.stop();
    },
  };
};

/** Milliseconds. */
const SLOWLY = { timeout: 60_000, interval: 200 };

const NONE = { missing: [], surplus: [] };

/** Cloud Map takes no task before it is first healthy. */
const expectedView = (fleet: Stage['fleet'], registry: RegistryName): View => {
  const shown = [...fleet.values()].filter(({ starting }) => !starting || registry !== 'cloudmap');
  const ours = shown.map(({ service, endpoint, starting }) =>
    toEntry(service, endpoint, !starting),
  );
  return [...FOREIGN.map(([service, endpoint]) => toEntry(service, endpoint)), ...ours];
};

/** What the stack sets, with the registries at their lasting addresses. */
const toEnvironment = (
  { moto, consul, eureka }: Servers,
  { queueUrl, renewQueueUrl }: Account,
  secrets: { readonly consulToken: string; readonly resolverToken: string },
) => ({
  ...moto.environment,
  ROLLCALL_REGISTRIES: 'cloudmap,consul,eureka',
  ROLLCALL_OWNER: 'rollcall-test:123456789012:eu-central-1',
  ROLLCALL_PLACE: 'aws:eu-central-1:123456789012',
  ROLLCALL_CLUSTERS: 'sho?',
  ROLLCALL_NAMESPACE: NAMESPACE,
  CONSUL_HTTP_ADDR: consul.relay.address,
  CONSUL_HTTP_TOKEN: `secretsmanager:${secrets.consulToken}`,
  ROLLCALL_RESOLVE_CONSUL_TOKEN: `secretsmanager:${secrets.consulToken}`,
  EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: `http://${eureka.relay.address}/eureka/`,
  ROLLCALL_RESOLVE_TOKEN: `secretsmanager:${secrets.resolverToken}`,
  ROLLCALL_QUEUE_URL: queueUrl,
  ROLLCALL_RENEW_QUEUE_URL: renewQueueUrl,
  ROLLCALL_SUMMARY_PARAMETER: '/rollcall/summary',
  ROLLCALL_RELEASE_PARAMETER: '/rollcall/release',
  ROLLCALL_REMOVALS_PARAMETER: REMOVALS_PARAMETER,
});

/** In every network mode, and more than fit a page or a batch of each call, of machines too. */
export const firstTasks = (account: Account): readonly Member[] => [
  ...fargateTasks('web', { count: 90, account }),
  ...account.hosts.map((host, at) => onBridge(at, host, account)),
  ...account.hosts.slice(-20).map((host, at) => onHost(at, host, account)),
];

/** So many, numbered on from `first`. */
export const fargateTasks = (
  family: Family,
  {
    count,
    first = 0,
    account,
  }: { readonly count: number; readonly first?: number; readonly account: Account },
): readonly Member[] =>
  Array.from({ length: count }, (_, at) => onFargate(family, first + at, account));
