/** What every bench is set to, and where its tasks are. */
export const PLACE = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
export const ARN = `arn:${PLACE.partition}:ecs:${PLACE.region}:${PLACE.account}` as const;
export const OWNER = `rollcall-dev:${PLACE.account}:${PLACE.region}`;
export const RULES = {
  owner: OWNER,
  profile: 'ecs',
  tasks: 'services',
  mode: 'opt-out',
  address: 'private',
  names: {
    templates: [{ clusters: /^/, template: '{service}' }],
    pinned: new Map(),
    labels: 'within-service',
    shared: 'warn',
    addressLabels: 'off',
    reserved: new Set<string>(),
  },
} as const;
export const CONFIG = {
  owner: OWNER,
  place: PLACE,
  clusters: [],
  policy: 'sync',
  deleteLimit: 50,
  rules: RULES,
} as const;
