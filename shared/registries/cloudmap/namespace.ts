import {
  ListNamespacesCommand,
  type NamespaceFilter,
  type NamespaceSummary,
} from '@aws-sdk/client-servicediscovery';
import type { CloudMapConfig } from '../../config/config.ts';
import { everyPage } from '../../platform/aws/pages.ts';
import { singleFlight } from '../../platform/single-flight.ts';
import { type CloudMapClient, required, UnusableNamespace } from './client.ts';

export interface Namespace {
  readonly id: string;
  /** What Discover* goes by; it differs from the name where AWS has to tell namesakes apart. */
  readonly httpName: string;
  /** Its services have DNS records, unless they say otherwise. */
  readonly dns: boolean;
}

export interface NamespaceReader {
  /**
   * The configured namespace of this account, found once. Throws UnusableNamespace where there is
   * none, or more than one, or only one that another account shares.
   */
  get(signal: AbortSignal): Promise<Namespace>;
  /** It may have been deleted and made anew: the next `get` looks again. */
  forget(): void;
}

export const createNamespaceReader = (
  client: CloudMapClient,
  config: CloudMapConfig,
): NamespaceReader => {
  let known: Namespace | undefined;
  const read = singleFlight(async (signal) => {
    const found = await listNamespaces(client, { wanted: config.namespace, whose: 'SELF' }, signal);
    if (found.length === 0) {
      const wanted = { wanted: config.namespace, whose: 'OTHER_ACCOUNTS' } as const;
      const [shared] = await listNamespaces(client, wanted, signal);
      if (shared) throw unsupported(config.namespace, shared);
    }
    known = choose(found, config);
    return known;
  });
  return {
    get: async (signal) => known ?? read(signal),
    forget: () => {
      known = undefined;
    },
  };
};

interface Wanted {
  /** A name, or an id. */
  readonly wanted: string;
  readonly whose: 'SELF' | 'OTHER_ACCOUNTS';
}

const listNamespaces = async (
  client: CloudMapClient,
  { wanted, whose }: Wanted,
  signal: AbortSignal,
) => {
  // There is no filter for ids, and an account has 50 namespaces at most unless it asked for more.
  const Filters: NamespaceFilter[] = [
    { Name: 'RESOURCE_OWNER', Values: [whose] },
    ...(isId(wanted) ? [] : [{ Name: 'NAME' as const, Values: [wanted] }]),
  ];
  const pages = await everyPage((NextToken) =>
    client.send(new ListNamespacesCommand({ Filters, NextToken }), { abortSignal: signal }),
  );
  return pages
    .flatMap(({ Namespaces }) => required(Namespaces, 'Namespaces'))
    .filter(({ Id, Name }) => Id === wanted || Name === wanted);
};

const isId = (wanted: string) => wanted.startsWith('ns-');

const choose = (
  found: readonly NamespaceSummary[],
  { namespace, dns }: CloudMapConfig,
): Namespace => {
  const [only, ...others] = found.length > 1 ? found.filter(({ Id }) => Id === namespace) : found;
  if (!only?.Id || others.length > 0) throw unusable(namespace, found);
  if (dns === 'both' && only.Type === 'HTTP')
    throw new UnusableNamespace(
      `ROLLCALL_DNS=both needs a DNS namespace, and ${namespace} is an HTTP namespace: use ROLLCALL_DNS=auto`,
    );
  return {
    id: only.Id,
    httpName: only.Properties?.HttpProperties?.HttpName ?? only.Name ?? namespace,
    dns: only.Type !== 'HTTP',
  };
};

const unusable = (namespace: string, found: readonly NamespaceSummary[]) =>
  new UnusableNamespace(
    found.length === 0
      ? `ROLLCALL_NAMESPACE: no Cloud Map namespace ${namespace} in this account and region`
      : `ROLLCALL_NAMESPACE: ${found.length} namespaces are called ${namespace}; give the id of one: ${found.map(({ Id }) => Id).join(', ')}`,
  );

/**
 * Calls for a shared namespace take its ARN and its owner's account, which nothing here gives them.
 */
const unsupported = (namespace: string, { Id, Arn, ResourceOwner }: NamespaceSummary) => {
  const account = ResourceOwner ?? Arn?.split(':')[4] ?? 'another account';
  return new UnusableNamespace(
    `ROLLCALL_NAMESPACE: expected a Cloud Map namespace of this account, got ${namespace} (${Id}), which account ${account} shares with it: shared namespaces are not supported`,
  );
};
