import { askAws, type Question } from '../../../scripts/real/ask-aws.ts';
import type { Moto } from '../../../scripts/real/moto.ts';
import { at, type Json, type JsonObject, list } from '../../../scripts/stack/template.ts';

/** What AWS answers about everything that a stack made. */
export interface ReadStack {
  /** By function name. */
  readonly functions: ByName;
  readonly mappings: readonly JsonObject[];
  /** Each with its Targets, by name. */
  readonly rules: ByName;
  /** All attributes, by ARN. */
  readonly queues: ByName;
  /** With their policies, by ARN. */
  readonly roles: ByName;
}

export type ByName = Readonly<Record<string, JsonObject>>;

export type Ask = (...questions: readonly Question[]) => Promise<readonly Json[]>;

/** Every call of `askAws` starts a process: what can be asked at once should be. */
export const asking =
  (moto: Moto, python: string): Ask =>
  async (...questions) =>
    (await askAws({ python, environment: moto.environment }, questions)) as readonly Json[];

export const readStack = async (ask: Ask): Promise<ReadStack> => {
  const [functions, mappings, rules, queues, roles] = await ask(
    ['lambda', 'list_functions'],
    ['lambda', 'list_event_source_mappings'],
    ['events', 'list_rules'],
    ['sqs', 'list_queues'],
    ['iam', 'get_account_authorization_details', { Filter: ['Role'] }],
  );
  const names = list(at(rules, 'Rules')).map((rule) => at(rule, 'Name'));
  const urls = list(at(queues, 'QueueUrls'));
  const answers = await ask(
    ...names.map((Rule): Question => ['events', 'list_targets_by_rule', { Rule }]),
    ...urls.map(
      (QueueUrl): Question => [
        'sqs',
        'get_queue_attributes',
        { QueueUrl, AttributeNames: ['All'] },
      ],
    ),
  );
  const withTargets = (rule: Json, index: number) => ({
    ...Object(rule),
    ...Object(answers[index]),
  });
  const attributes = answers.slice(names.length).map((one) => at(one, 'Attributes'));
  return {
    functions: byName(list(at(functions, 'Functions')), 'FunctionName'),
    mappings: list(at(mappings, 'EventSourceMappings')).map(Object),
    rules: byName(list(at(rules, 'Rules')).map(withTargets), 'Name'),
    queues: byName(attributes, 'QueueArn'),
    roles: byName(list(at(roles, 'RoleDetailList')), 'Arn'),
  };
};

const byName = (all: readonly Json[], name: string): ByName =>
  Object.fromEntries(all.map((one) => [String(at(one, name)), Object(one)]));
