import type { Stack } from '../resolve.ts';
import { cloudMapInCallersName } from './cloud-map.ts';
import type { Finding, Rule } from './finding.ts';
import { knownToIam } from './iam.ts';
import { propertyLimits, sizes } from './limits.ts';
import { queuePolicies, queuePolicySizes } from './queue-policies.ts';
import { functionsAfterRights, rightsFirst } from './rights-first.ts';
import { reservedValues } from './values.ts';

/** What AWS refuses, and neither cfn-lint nor moto does. */
export const RULES = {
  queuePolicies,
  queuePolicySizes,
  rightsFirst,
  functionsAfterRights,
  cloudMapInCallersName,
  knownToIam,
  propertyLimits,
  sizes,
  reservedValues,
} as const satisfies Readonly<Record<string, Rule>>;

/** Every finding of every rule, `rule: resource: fault`; empty for a stack that AWS takes. */
export const check = (stack: Stack): readonly string[] =>
  Object.entries(RULES).flatMap(([rule, judge]: [string, Rule]) =>
    judge(stack).map(({ resource, fault }: Finding) => `${rule}: ${resource}: ${fault}`),
  );
