import { nameKey } from '../../derive/fit-name.ts';
import type { NameOwner } from '../../derive/name-owner.ts';
import { KEY, type Registration, vipsOf } from '../../model/registration.ts';
import type { SyncConfig } from '../context.ts';
import { type Holders, ownersByKey } from '../observe/claims.ts';
import { listedAmong, type RegistrySnapshot } from '../observe/snapshot.ts';

/**
 * Who is registered under which names, by this owner's records in whichever registry could be
 * listed. Absent where nobody loses a name for it.
 */
export const holdersIn = (
  snapshots: readonly RegistrySnapshot[],
  { rules }: Pick<SyncConfig, 'rules'>,
): Holders | undefined => {
  if (rules.names.shared !== 'refuse') return undefined;
  const records = listedAmong(snapshots).flatMap(({ ours }) => [...ours.values()].flat());
  return ownersByKey(
    records.flatMap((record) => {
      const owner = ownerOf(record);
      return namesOf(record).map((name) => [nameKey(name), owner] as const);
    }),
  );
};

/** The owner that a record tells, as Rollcall has written it. */
export const ownerOf = ({ metadata }: Pick<Registration, 'metadata'>): NameOwner => ({
  cluster: metadata[KEY.cluster] ?? '',
  service: metadata[KEY.serviceName],
  family: metadata[KEY.family] ?? '',
});

/** The name of a record, and in Eureka its VIPs. */
export const namesOf = ({ service, detail }: Pick<Registration, 'service' | 'detail'>) => [
  service,
  ...vipsOf(detail),
];

/** The keys of these names: of both kinds of DNS records that Cloud Map has the same. */
export const keysOf = (record: Pick<Registration, 'service' | 'detail'>): readonly string[] =>
  namesOf(record).map(toKey);

export const toKey = (name: string): string => nameKey(name.replace(SRV, '$1'));

/** Whether a name is of the second kind. */
export const isSrv = (name: string): boolean => SRV.test(name);

const SRV = /^_(.+)\._(?:tcp|udp)$/i;
