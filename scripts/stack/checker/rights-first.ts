import type { Stack } from '../resolve.ts';
import { type Finding, found } from './finding.ts';
import { grantersOf, needsOf } from './needs.ts';
import { policiesOf } from './statements.ts';

/**
 * What needs a right comes after what grants it. CloudFormation makes in parallel whatever no
 * reference and no DependsOn puts in an order, so "it will be there soon" is a race: AWS refuses
 * the one that needs it, and the stack rolls back, or what is sent meanwhile is lost.
 */
export const rightsFirst = (stack: Stack): readonly Finding[] =>
  needsOf(stack).flatMap((need) => {
    const granters = grantersOf(stack, need);
    const before = stack.before(need.resource);
    const what = `${need.by} ${need.action} on ${need.on}`;
    if (granters.length === 0) return found(need.resource, `nothing grants ${what}`);
    const isFirst = granters.some((one) => before.includes(one));
    return found(
      need.resource,
      !isFirst && `may be made before ${granters.join()}, which grants ${what}`,
    );
  });

/** The same for what a function does by itself, with every policy of its role. */
export const functionsAfterRights = (stack: Stack): readonly Finding[] =>
  Object.entries(stack.resources)
    .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
    .flatMap(([name, { Properties }]) => {
      const role = Object.values(stack.resources).find(({ arn }) => arn === Properties['Role']);
      const before = stack.before(name);
      return policiesOf(stack)
        .filter(
          ({ roles, resource }) => role && roles.includes(role.ref) && !before.includes(resource),
        )
        .flatMap(({ resource }) => found(name, `may run before ${resource}, a policy of its role`));
    });
