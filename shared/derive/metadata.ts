import type { Rules } from '../config/config.ts';
import { idOf } from '../model/arn.ts';
import { KEY, NAMING } from '../model/registration.ts';
import { byText } from '../model/text.ts';
import type { Endpoint } from './address.ts';
import { elsewhereFault, type OwnAddress } from './address-labels.ts';
import type { DeriveInput } from './derived.ts';
import type { Word } from './labels.ts';
import { deploymentOf, serviceOf } from './membership.ts';
import { needsHost } from './needs.ts';
import type { Fill } from './placeholders.ts';
import type { Note, TaskPort } from './ports.ts';
import { compact } from './records.ts';
import { isReserved } from './reserved.ts';

type Metadata = Readonly<Record<string, string>>;

const EUREKA_METADATA = 'eureka_metadata_';
const HEAVIEST = 65_535;

/**
 * What users say of a port beyond name and tags, by metadata key, sorted. Keys are in lower case as
 * Registrator makes them; `SERVICE_EUREKA_METADATA_<K>` gives the key `<k>`, or `<K>` itself where
 * its case tells something (`healthPath`), and beats a plain `SERVICE_<K>`. `SERVICE_ID` becomes
 * `service_id`, never the record's id.
 */
export const userMetadata = (
  port: TaskPort,
  profile: Rules['profile'],
  { fill, note, self }: { readonly fill: Fill; readonly note: Note; readonly self: OwnAddress },
): Metadata => {
  const said = [...port.words].flatMap(([key, word]) => toEntries(key, word, profile));
  const plainFirst = said.sort(
    (a, b) => Number(a.special) - Number(b.special) || byText(a.key, b.key),
  );
  const entries = new Map<string, string>();
  for (const { key, value } of plainFirst) {
    const filled = fill(value);
    const fault = faultOf(key) ?? elsewhereFault(key, filled, self);
    if (fault) note(`metadata key ${JSON.stringify(key)} is dropped: ${fault}`);
    else entries.set(key, filled);
  }
  return Object.fromEntries([...entries].sort(([a], [b]) => byText(a, b)));
};

/**
 * What Rollcall itself says of a record. The host is named only where its address counts, since
 * only then is it always read.
 */
export const ownMetadata = (input: DeriveInput, port: TaskPort, rules: Rules): Metadata => {
  const { task, definition } = input;
  const host = needsHost(definition) ? input.host : undefined;
  const started = task.startedAt ?? task.createdAt;
  const { protocol } = port.mapping;
  return compact<Record<string, string>>({
    [KEY.owner]: rules.owner,
    [KEY.cluster]: task.clusterArn,
    [KEY.task]: task.arn,
    [KEY.started]: started === undefined ? undefined : new Date(started).toISOString(),
    [KEY.naming]: String(NAMING),
    [KEY.deployment]: deploymentOf(task),
    [KEY.revision]: /:(\d+)$/.exec(task.definitionArn)?.[1],
    [KEY.protocol]: protocol === 'tcp' ? undefined : protocol,
    [KEY.clusterName]: idOf(task.clusterArn),
    [KEY.serviceName]: serviceOf(task),
    [KEY.family]: definition.family,
    [KEY.zone]: zoneOf(input),
    [KEY.region]: task.arn.split(':')[3] || undefined,
    [KEY.hostId]: host?.instanceId,
  });
};

/** Of a range, which is one record: its ports within the container and for clients. */
export const rangeMetadata = ({ mapping }: TaskPort, { port, lastPort }: Endpoint): Metadata => {
  const { containerPort, lastContainerPort } = mapping;
  if (lastContainerPort === undefined || lastPort === undefined) return {};
  return {
    [KEY.portRange]: `${containerPort}-${lastContainerPort}`,
    [KEY.hostPortRange]: `${port}-${lastPort}`,
  };
};

export const zoneOf = ({ task, definition, host }: DeriveInput): string | undefined =>
  task.zone ?? (needsHost(definition) ? host?.zone : undefined);

/** Metadata `weight`, 1 unless said. */
export const weightOf = ({ weight }: Metadata, note: Note): number => {
  if (weight === undefined) return 1;
  if (/^\d{1,5}$/.test(weight) && Number(weight) <= HEAVIEST) return Number(weight);
  note(
    `metadata weight must be an integer from 0 to ${HEAVIEST}, not ${JSON.stringify(weight)}; 1 is used`,
  );
  return 1;
};

interface Entry {
  readonly key: string;
  readonly value: string;
  readonly special: boolean;
}

const toEntries = (
  key: string,
  { spelling, value }: Word,
  profile: Rules['profile'],
): readonly Entry[] => {
  if (key === 'name' || key === 'tags') return [];
  if (key === 'id') return [{ key: 'service_id', value, special: true }];
  // Registrator keeps its own instructions as attributes too, and people read them in Consul.
  const consumed = key === 'ignore' || key.startsWith('check_') || key.startsWith('eureka_');
  const plain = consumed && profile === 'ecs' ? [] : [{ key, value, special: false }];
  if (!key.startsWith(EUREKA_METADATA)) return plain;
  const name = spelling.slice(EUREKA_METADATA.length);
  return [
    ...plain,
    { key: /\p{Ll}/u.test(name) ? name : name.toLowerCase(), value, special: true },
  ];
};

const faultOf = (key: string): string | undefined => {
  if (key === '') return 'it is empty';
  if (key === '__proto__') return 'no JSON reader can be trusted with it';
  return isReserved(key) ? 'it is reserved for Rollcall and AWS' : undefined;
};
