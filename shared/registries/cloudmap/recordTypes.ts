import type { CloudMapConfig } from '../../config/config.ts';
import type { Registration } from '../../model/registration.ts';
import { DETAIL } from './attributes.ts';
import { isSrvName } from './names.ts';
import type { Service } from './services.ts';

export type RecordType = 'A' | 'AAAA' | 'SRV';

/** The DNS records that a service made for this record gets. A port that Docker chose needs SRV. */
export const wantedTypes = (record: Registration, dns: CloudMapConfig['dns']): readonly RecordType[] => {
  const { [DETAIL.ipv4]: ipv4, [DETAIL.ipv6]: ipv6, [DETAIL.networkMode]: networkMode } = record.detail;
  const srv =
    dns === 'srv' ||
    (dns === 'both' && isSrvName(record.service)) ||
    (dns === 'auto' && networkMode !== 'awsvpc');
  if (srv) return ['SRV'];
  return [...(ipv4 ? (['A'] as const) : []), ...(ipv6 ? (['AAAA'] as const) : [])];
};

/** Why the service cannot carry the record, and what to do: its record types never change. */
export const misfit = (
  service: Service,
  record: Registration,
  dns: CloudMapConfig['dns'],
): string | undefined => {
  const has = (type: string) => service.records.includes(type);
  const lack = (what: string) =>
    `service ${service.name} has ${service.records.join(' and ')} records, ${what}; they cannot be changed: ` +
    'set ROLLCALL_DNS=srv or both, and give the task another name or delete the service';
  if (has('CNAME')) return lack('which carry no address');
  if (has('A') && !record.detail[DETAIL.ipv4]) return lack('and the task has no IPv4 address');
  if (has('AAAA') && !record.detail[DETAIL.ipv6]) return lack('and the task has no IPv6 address');
  const portLost = service.records.length > 0 && !has('SRV') && wantedTypes(record, dns).includes('SRV');
  return portLost ? lack('which carry no port') : undefined;
};
