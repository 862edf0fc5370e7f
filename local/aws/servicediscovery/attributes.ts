import { isIPv4, isIPv6 } from 'node:net';
import { invalid } from './input.ts';
import type { Attributes, RecordType, Service } from './state.ts';

const KEY = /^[!-~]{1,255}$/;
const VALUE = /^([!-~][ \t!-~]*)?[!-~]?$/;
const MOST_CUSTOM = 30;
const MOST_CHARACTERS = 5_000;

const KNOWN: Readonly<Record<string, (value: string) => boolean>> = {
  AWS_INSTANCE_IPV4: isIPv4,
  AWS_INSTANCE_IPV6: isIPv6,
  AWS_INSTANCE_PORT: (value) => /^\d+$/.test(value) && Number(value) <= 65_535,
  AWS_INSTANCE_CNAME: (value) => value.length > 0,
  AWS_ALIAS_DNS_NAME: (value) => value.length > 0,
  AWS_EC2_INSTANCE_ID: (value) => /^i-[0-9a-f]{8,17}$/.test(value),
  AWS_INIT_HEALTH_STATUS: (value) => value === 'HEALTHY' || value === 'UNHEALTHY',
};

/** Throws InvalidInput unless the service can carry these attributes. */
export const checkAttributes = (
  service: Pick<Service, 'records' | 'healthCheck'>,
  attributes: Attributes,
) => {
  checkLimits(attributes);
  for (const type of service.records)
    for (const key of needed(type.Type, attributes)) need(attributes, key, type.Type);
  const has = (key: string) => key in attributes;
  if (has('AWS_INIT_HEALTH_STATUS') && service.healthCheck !== 'custom')
    throw invalid('AWS_INIT_HEALTH_STATUS needs a service with HealthCheckCustomConfig');
  if (
    has('AWS_ALIAS_DNS_NAME') &&
    Object.keys(attributes).some((key) => key.startsWith('AWS_INSTANCE_'))
  )
    throw invalid('AWS_ALIAS_DNS_NAME excludes the AWS_INSTANCE attributes');
  if (has('AWS_EC2_INSTANCE_ID') && (service.records.length > 0 || has('AWS_INSTANCE_IPV4')))
    throw invalid('AWS_EC2_INSTANCE_ID is for HTTP namespaces, and excludes other attributes');
};

const checkLimits = (attributes: Attributes) => {
  const entries = Object.entries(attributes);
  for (const [key, value] of entries) {
    if (!KEY.test(key))
      throw invalid(`attribute key ${key}: 1 to 255 printable ASCII characters, no spaces`);
    if (value.length > 1024 || !VALUE.test(value))
      throw invalid(
        `attribute ${key}: at most 1024 printable ASCII characters, not starting with a space`,
      );
    if (key.startsWith('AWS_') && !KNOWN[key]?.(value))
      throw invalid(`attribute ${key}: ${value} is not allowed`);
  }
  if (entries.filter(([key]) => !key.startsWith('AWS_')).length > MOST_CUSTOM)
    throw invalid(`at most ${MOST_CUSTOM} custom attributes`);
  if (entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0) > MOST_CHARACTERS)
    throw invalid(`attributes hold more than ${MOST_CHARACTERS} characters`);
};

const needed = (type: RecordType, attributes: Attributes): readonly string[] => {
  if ('AWS_ALIAS_DNS_NAME' in attributes) return [];
  if (type === 'A') return ['AWS_INSTANCE_IPV4'];
  if (type === 'AAAA') return ['AWS_INSTANCE_IPV6'];
  if (type === 'CNAME') return ['AWS_INSTANCE_CNAME'];
  return [
    'AWS_INSTANCE_PORT',
    'AWS_INSTANCE_IPV6' in attributes ? 'AWS_INSTANCE_IPV6' : 'AWS_INSTANCE_IPV4',
  ];
};

const need = (attributes: Attributes, key: string, type: RecordType) => {
  if (!(key in attributes))
    throw invalid(`${key} is required, since the service has ${type} records`);
};
