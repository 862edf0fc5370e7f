import { readFileSync } from 'node:fs';
import type { Stack } from '../resolve.ts';
import { type Finding, found } from './finding.ts';
import { meet, type Statement, statementsOf } from './statements.ts';

/** What the service authorization reference says of one action. */
interface Action {
  /** Forms of the ARNs that it takes; none where it knows no resource and takes `*` alone. */
  readonly resources: readonly string[];
  /** Of the condition keys that the template uses, those that it knows. */
  readonly conditions: readonly string[];
}

const ACTIONS: Readonly<Record<string, Action>> = JSON.parse(
  readFileSync(new URL('../facts/iam.json', import.meta.url), 'utf8'),
).actions;

/** Whether IAM knows no resource for an action, or none that is there before the call. */
export const takesNoResource = (action: string): boolean => ACTIONS[action]?.resources.length === 0;

/**
 * Keys of every request (IAM user guide, "AWS global condition context keys"), and Lambda's own,
 * which it adds to what a function's code asks of any service (Lambda developer guide,
 * "lambda:SourceFunctionArn").
 */
const EVERYWHERE = [
  'aws:SourceArn',
  'aws:SourceAccount',
  'aws:PrincipalArn',
  'aws:SecureTransport',
  'lambda:SourceFunctionArn',
];

/** Actions that are not, resources that an action does not take, and conditions that never hold. */
export const knownToIam = (stack: Stack): readonly Finding[] =>
  statementsOf(stack).flatMap((one) =>
    found(one.resource, ...actionFaults(one), ...resourceFaults(one)),
  );

const actionFaults = ({ actions, resources, conditions, effect }: Statement) =>
  actions
    .filter((action) => !isPattern(action))
    .flatMap((action) => {
      const known = ACTIONS[action];
      if (!known) return [`${action}: AWS knows no such action, or npm run facts was not run`];
      const taken = resources.some((one) =>
        known.resources.some((form) => meet(one, shapeOf(form))),
      );
      return [
        !resources.includes('*') &&
          !taken &&
          `${action} takes none of ${resources.join()}: ${formsOf(known)}`,
        ...conditions
          .map(({ key }) => key)
          .filter(
            (key) =>
              !EVERYWHERE.includes(key) && !known.conditions.some((form) => isKey(key, form)),
          )
          .map(
            (key) =>
              effect === 'Allow' && `${action} knows no condition ${key}, so it is never allowed`,
          ),
      ];
    });

const formsOf = ({ resources }: Action) => (resources.length > 0 ? resources.join() : 'only *');

/** A resource that none of the statement's actions takes. */
const resourceFaults = ({ actions, resources }: Statement) =>
  resources
    .filter(
      (one) => one !== '*' && !actions.some((action) => isPattern(action) || takes(action, one)),
    )
    .map((one) => `no action of its statement takes ${one}`);

const takes = (action: string, resource: string) =>
  (ACTIONS[action]?.resources ?? []).some((form) => meet(resource, shapeOf(form)));

/** Whole services (`s3:*`), as a bucket's policy denies them. */
const isPattern = (action: string) => action.includes('*');

const shapeOf = (form: string) => form.replaceAll(/\$\{\w+\}/g, '*');

const isKey = (key: string, form: string) => meet(key.toLowerCase(), shapeOf(form).toLowerCase());
