import type { Stack } from '../resolve.ts';
import { at, list } from '../template.ts';
import { type Finding, found } from './finding.ts';
import { policiesOf, type Statement, statementsOf, texts } from './statements.ts';

/** Where each kind of policy names what it is attached to, and what that is. */
const ATTACHED = {
  'AWS::SQS::QueuePolicy': { property: 'Queues', of: 'AWS::SQS::Queue' },
  'AWS::SNS::TopicPolicy': { property: 'Topics', of: 'AWS::SNS::Topic' },
} as const;

/**
 * "Each policy must cover only a single queue", and its statements name that queue: SQS answers
 * "Invalid value for the parameter Policy" to others, and SNS alike. A queue has one policy: the
 * second resource would overwrite the first. The bounds are those of SQS's access policy language.
 */
export const queuePolicies = (stack: Stack): readonly Finding[] => {
  const all = Object.entries(stack.resources);
  const statements = statementsOf(stack);
  return Object.entries(ATTACHED).flatMap(([type, { property, of }]) => {
    const policies = all.filter(([, { Type }]) => Type === type);
    const targets = all.filter(([, { Type }]) => Type === of);
    return policies.flatMap(([name, { Properties }]) => {
      const refs = texts(Properties[property]);
      const arns = targets.filter(([, one]) => refs.includes(one.ref)).map(([, one]) => one.arn);
      const shared = policies.filter(([, other]) =>
        texts(other.Properties[property]).some((ref) => refs.includes(ref)),
      );
      return [
        ...found(
          name,
          refs.length > 1 &&
            `is attached to ${refs.length} at once: each needs a policy of its own`,
          shared.length > 1 && 'is not the only policy of what it is attached to',
        ),
        ...statements
          .filter(({ resource }) => resource === name)
          .flatMap((one) => statementFaults(one, arns).flatMap((fault) => found(name, fault))),
      ];
    });
  });
};

const statementFaults = ({ resources, actions }: Statement, arns: readonly string[]) => [
  resources.length !== 1 && `has a statement on ${resources.length} resources: AWS takes one`,
  !resources.every((one) => arns.length === 1 && one === arns[0]) &&
    'has a statement on something else than the one thing that it is attached to',
  actions.length > MOST.actions &&
    `has a statement of ${actions.length} actions: SQS takes ${MOST.actions}`,
];

/**
 * Amazon SQS developer guide: limits of its policies, and of a statement's actions (AddPermission).
 */
const MOST = {
  characters: 8192,
  statements: 20,
  principals: 50,
  conditions: 10,
  actions: 7,
} as const;

/** How long and how many, for the policies of queues and topics alike. */
export const queuePolicySizes = (stack: Stack): readonly Finding[] =>
  policiesOf(stack)
    .filter(({ resource }) => (stack.resources[resource]?.Type ?? '') in ATTACHED)
    .flatMap(({ resource, document }) => {
      const own = statementsOf(stack).filter((one) => one.resource === resource);
      const count = {
        characters: JSON.stringify(document).length,
        statements: list(at(document, 'Statement')).length,
        principals: own.flatMap(({ principal }) => Object.values(Object(principal)).flat()).length,
        conditions: Math.max(0, ...own.map(({ conditions }) => conditions.length)),
      };
      return Object.entries(count).flatMap(([what, size]) => {
        const most = MOST[what as keyof typeof count];
        return found(resource, size > most && `has ${size} ${what}: AWS takes ${most}`);
      });
    });
