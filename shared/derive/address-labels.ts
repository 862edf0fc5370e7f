import type { Rules } from '../config/config.ts';
import { inUrl } from '../model/address.ts';
import { EUREKA_TEXTS, vipsIn } from '../model/registration.ts';
import type { Endpoint } from './address.ts';
import { ownUrl } from './check.ts';
import { fitName, nameKey } from './fit-name.ts';
import type { NameRights } from './name-rights.ts';
import { squeezed } from './reserved.ts';

/** What a label names, if it names where somebody is reached. */
type AddressKind = 'name' | 'host' | 'url';

const KINDS: Readonly<Record<keyof typeof EUREKA_TEXTS, AddressKind>> = {
  vip: 'name',
  secureVip: 'name',
  homePageUrl: 'url',
  statusPageUrl: 'url',
  healthCheckUrl: 'url',
  secureHealthCheckUrl: 'url',
  hostName: 'host',
  ipAddr: 'host',
};

const BY_KEY: ReadonlyMap<string, AddressKind> = new Map([
  ...Object.entries(EUREKA_TEXTS).map(
    ([fact, word]) => [squeezed(`eureka${word}`), KINDS[fact as keyof typeof KINDS]] as const,
  ),
  // Where Spring Boot Admin asks, whatever the instance's own address is.
  [squeezed('management.address'), 'host'],
]);

/** The kind of a label's or of metadata's key: `eureka_vip` in metadata is as good as the label. */
export const addressKind = (key: string): AddressKind | undefined =>
  BY_KEY.get(squeezed(key.replace(/^eureka_metadata_/i, '')));

/** The task's own side of what a label may name. */
export interface OwnAddress {
  readonly endpoint: Endpoint;
  /** The name under which the record is registered. */
  readonly service: string;
  readonly rights: NameRights;
  readonly addressLabels: Rules['names']['addressLabels'];
}

/**
 * Why a label may not say this of where its task is reached, if so. With `addressLabels=off` that
 * is all but the task itself: its name, its addresses, a path, a URL at its own address. With `on`
 * it is a VIP that is somebody else's name.
 */
export const elsewhereFault = (
  key: string,
  value: string,
  { endpoint, service, rights, addressLabels }: OwnAddress,
): string | undefined => {
  const kind = addressKind(key);
  if (kind === undefined || value === '') return undefined;
  if (kind === 'name') {
    const others = vipsIn(value).filter((name) => nameKey(name) !== nameKey(service));
    if (addressLabels === 'on')
      return others.map((name) => rights.faultOf(fitName(name), 'label')).find(Boolean);
    return others.length > 0 ? `${OFF}, so expected ${service}` : undefined;
  }
  if (addressLabels === 'on') return undefined;
  const isOwn = kind === 'host' ? isOwnHost(value, endpoint) : isOwnPlace(value, endpoint);
  return isOwn ? undefined : `${OFF}, so it may name the task's own address only`;
};

const OFF = 'addressLabels=off';

const isOwnHost = (value: string, { address, ipv4, ipv6 }: Endpoint) =>
  [address, ipv4, ipv6].includes(value.trim().toLowerCase());

/** Two slashes at the head, or one and a backslash, would be another host's. */
const isOwnPlace = (value: string, { address }: Endpoint) => {
  if (/^\/(?![/\\])[^\s\\\p{Cc}]*$/u.test(value)) return true;
  if (!/^https?:\/\//.test(value)) return false;
  const host = inUrl(address);
  return !('fault' in ownUrl(value, { scheme: 'http', place: host, host }));
};
