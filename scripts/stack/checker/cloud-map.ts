import type { Stack } from '../resolve.ts';
import { type Finding, found } from './finding.ts';
import { statementsOf } from './statements.ts';

/**
 * What Cloud Map does in the caller's name in a namespace with DNS. AWS Cloud Map developer guide,
 * "AWS Cloud Map API permissions: actions, resources, and conditions reference"; whether it asks
 * for those of health checks where a service has none is not said.
 */
const IN_CALLERS_NAME: Readonly<Record<string, readonly string[]>> = {
  'servicediscovery:RegisterInstance': [
    'route53:GetHealthCheck',
    'route53:CreateHealthCheck',
    'route53:UpdateHealthCheck',
    'route53:ChangeResourceRecordSets',
    'ec2:DescribeInstances',
  ],
  'servicediscovery:DeregisterInstance': [
    'route53:GetHealthCheck',
    'route53:DeleteHealthCheck',
    'route53:UpdateHealthCheck',
    'route53:ChangeResourceRecordSets',
  ],
};

/**
 * Every role that may register has these too, unless the namespace is one that the stack makes
 * without DNS.
 */
export const cloudMapInCallersName = (stack: Stack): readonly Finding[] => {
  const all = Object.entries(stack.resources);
  if (all.some(([, { Type }]) => Type === 'AWS::ServiceDiscovery::HttpNamespace')) return [];
  const statements = statementsOf(stack).filter(({ effect }) => effect === 'Allow');
  return all.flatMap(([name, { Type, ref }]) => {
    if (Type !== 'AWS::IAM::Role') return [];
    const may = statements
      .filter(({ roles }) => roles.includes(ref))
      .flatMap(({ actions }) => actions);
    return Object.entries(IN_CALLERS_NAME)
      .filter(([action]) => may.includes(action))
      .flatMap(([action, needed]) =>
        found(
          name,
          ...needed
            .filter((one) => !may.includes(one))
            .map((one) => `may ${action} in DNS, and not ${one}, which Cloud Map does in its name`),
        ),
      );
  });
};
