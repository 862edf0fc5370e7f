import { hostIn, type Withhold } from '../model/address.ts';
import { EUREKA_PLACES, EUREKA_TEXTS, type EurekaFacts } from '../model/registration.ts';
import type { Endpoint } from './address.ts';
import { elsewhereFault, type OwnAddress } from './address-labels.ts';
import { roleOf } from './folding.ts';
import { textOf } from './labels.ts';
import { fillWhole, type Values } from './placeholders.ts';
import type { Note, TaskPort } from './ports.ts';
import { compact } from './records.ts';

/** Where the ports are reached that are folded into this instance. */
export interface FoldedPorts {
  readonly secure?: number;
  readonly management?: number;
}

const STATUSES = ['UP', 'DOWN', 'STARTING', 'OUT_OF_SERVICE', 'UNKNOWN'] as const;
const DATA_CENTERS = ['MyOwn', 'Amazon'] as const;
/** By the key of the word that says it. */
const FACTS: ReadonlyMap<string, string> = new Map(
  Object.entries(EUREKA_TEXTS).map(([fact, word]) => [`eureka_${word}`, fact]),
);
const OTHERS: readonly string[] = ['eureka_status', 'eureka_datacenterinfo_name', 'eureka_role'];

interface Saying {
  readonly values: Values;
  readonly note: Note;
  readonly withhold: Withhold;
  readonly self: OwnAddress;
}

const PLACES: readonly string[] = EUREKA_PLACES.map((fact) => `eureka_${EUREKA_TEXTS[fact]}`);

/**
 * What `SERVICE_EUREKA_*` and the folded ports say, in Eureka's own terms. A fact with an unknown
 * placeholder is left out: clients would take it for an address.
 */
export const eurekaOf = (
  port: TaskPort,
  { endpoint, folded }: { readonly endpoint: Endpoint; readonly folded: FoldedPorts },
  { values, note, withhold, self }: Saying,
): EurekaFacts => {
  const leaveOut = (key: string, why: string) => {
    note(`${key.toUpperCase()} is left out: ${why}`);
    return undefined;
  };
  const said = (key: string) => {
    const text = textOf(port.words, key);
    if (!text) return undefined;
    const filled = fillWhole(text, values);
    if ('unknown' in filled) return leaveOut(key, `nothing is known for ${filled.unknown}`);
    const fault = elsewhereFault(key, filled.text, self);
    if (fault) return leaveOut(key, fault);
    const place = PLACES.includes(key) && filled.text && withhold(hostIn(filled.text));
    return place ? leaveOut(key, `it leads to ${place}`) : filled.text || undefined;
  };
  const oneOf = <T extends string>(key: string, known: readonly T[]): T | undefined => {
    const text = said(key);
    const value = known.find((each) => each.toLowerCase() === text?.trim().toLowerCase());
    if (text && !value)
      note(`${key.toUpperCase()} must be one of ${known.join(', ')}; it is ignored`);
    return value;
  };
  const texts: Record<string, string | undefined> = {};
  for (const key of port.words.keys()) {
    const fact = FACTS.get(key);
    const fault = !fact && faultOf(key);
    if (fact) texts[fact] = said(key);
    if (fault) note(`SERVICE_${key.toUpperCase()} is ignored: ${fault}`);
  }
  const secureAlone = roleOf(port) === 'secure';
  return compact<EurekaFacts>({
    ...texts,
    status: oneOf('eureka_status', STATUSES),
    dataCenter: oneOf('eureka_datacenterinfo_name', DATA_CENTERS),
    securePort: secureAlone ? endpoint.port : folded.secure,
    portEnabled: secureAlone ? false : undefined,
    managementPort: folded.management,
  });
};

const faultOf = (key: string): string | undefined => {
  if (!key.startsWith('eureka_') || key.startsWith('eureka_metadata_')) return undefined;
  if (key.startsWith('eureka_leaseinfo_')) return 'leases are 180 s, renewed twice a minute';
  return OTHERS.includes(key) ? undefined : 'it is not known';
};
