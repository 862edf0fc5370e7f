/** What Cloud Map reads as instructions, and what ECS's own integration writes. */
const AWS_KEYS = [
  'AWS_INSTANCE_IPV4',
  'AWS_INSTANCE_IPV6',
  'AWS_INSTANCE_PORT',
  'AWS_INSTANCE_CNAME',
  'AWS_ALIAS_DNS_NAME',
  'AWS_EC2_INSTANCE_ID',
  'AWS_INIT_HEALTH_STATUS',
  'ECS_CLUSTER_NAME',
  'ECS_SERVICE_NAME',
  'ECS_TASK_DEFINITION_FAMILY',
  'ECS_TASK_SET_EXTERNAL_ID',
];

/** NFKC: the wide letters that look like ours are ours. */
const capitals = (key: string) => key.normalize('NFKC').toUpperCase();
/** A key without case and punctuation: registries map what they cannot carry. */
export const squeezed = (key: string): string => capitals(key).replace(/[^A-Z0-9]/g, '');
const EXACT = new Set(AWS_KEYS.map(squeezed));

/**
 * Whether a metadata key belongs to Rollcall or AWS, in any case and spelling (`rollcall.owner`,
 * `Aws-Instance-IPv4`): a registry may map dots and dashes, so the check must not depend on them.
 * `awesome` is a user's own. So is `region`, which Registrator's users have in Consul beside our
 * `REGION`: of keys without these words only the exact one is ours, and users' are in lower case.
 */
export const isReserved = (key: string): boolean => {
  const letters = squeezed(key);
  if (EXACT.has(letters) || letters.startsWith('ROLLCALL')) return true;
  return /^[^A-Z0-9]*(AWS|ECS)[^A-Z0-9]/.test(capitals(key));
};
