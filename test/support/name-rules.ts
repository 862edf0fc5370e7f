import type { NameRules } from '../../shared/config/config.ts';

/** What a deployment has that says nothing of names. */
export const NAME_RULES: NameRules = {
  templates: [{ clusters: /^/, template: '{service}' }],
  pinned: new Map(),
  labels: 'within-service',
  shared: 'warn',
  addressLabels: 'off',
  reserved: new Set(['consul', 'consul-esm', 'eureka']),
};
