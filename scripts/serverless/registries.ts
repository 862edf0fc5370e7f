import { type Program, SETTINGS, type Setting } from '../../shared/config/settings.ts';
import { READING_FUNCTIONS, REGISTRIES, type StackEntry } from '../../stack/registries.ts';

type Entries = Readonly<Record<string, StackEntry>>;
type Json = Readonly<Record<string, unknown>>;

interface Lambda {
  readonly condition?: string;
  environment?: Json;
}

interface Serverless {
  readonly service: {
    readonly functions: Readonly<Record<string, Lambda>>;
    readonly custom: { rules: Json };
  };
}

/**
 * Makes the parts of the template that follow from the table of registries (stack/registries.ts).
 * `${registries:…}` stands for them in the files of the stack; rules and the functions' environment
 * are added here.
 */
export default class Registries {
  readonly configurationVariablesSources = {
    registries: {
      async resolve({ address = '' }: { readonly address?: string }) {
        const value = VARIABLES[address]?.(REGISTRIES);
        if (value === undefined) throw new Error(`\${registries:${address}}: there is none`);
        return { value };
      },
    },
  };

  readonly hooks: Record<string, () => void>;

  constructor({ service }: Serverless) {
    this.hooks = {
      initialize: () => {
        service.custom.rules = { ...rulesOf(REGISTRIES), ...service.custom.rules };
        for (const [name, lambda] of Object.entries(service.functions))
          lambda.environment = { ...environmentOf(name, lambda), ...lambda.environment };
      },
    };
  }
}

const VARIABLES: Readonly<Record<string, (entries: Entries) => unknown>> = {
  /** As a sentence has them: `a`, `b` and `c`. */
  names: (entries) => inWords(Object.keys(entries).map((name) => `\`${name}\``)),
  choices: (entries) => choicesOf(Object.keys(entries)),
  resolveFrom: (entries) => ['', ...Object.keys(entries)],
  resources: (entries) => ({ Conditions: conditionsOf(entries), Resources: alarmsOf(entries) }),
};

const inWords = (items: readonly string[]) =>
  items.length < 2 ? items.join() : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

/** Every ordered choice of one or more: CloudFormation's conditions cannot look into a list. */
export const choicesOf = (names: readonly string[]): readonly string[] => {
  const ofLength = (length: number): readonly (readonly string[])[] =>
    length === 0
      ? [[]]
      : names.flatMap((name) =>
          ofLength(length - 1)
            .filter((rest) => !rest.includes(name))
            .map((rest) => [name, ...rest]),
        );
  return names.flatMap((_, at) => ofLength(at + 1).map((choice) => choice.join(',')));
};

const without = (entries: Entries, name: string) =>
  choicesOf(Object.keys(entries).filter((other) => other !== name));

const CHOSEN = { Ref: 'registries' };

/** A registry is chosen unless `registries` is one of the choices without it. */
export const conditionsOf = (entries: Entries): Json =>
  Object.fromEntries(
    Object.entries(entries).map(([name, { logicalName }]) => {
      const others = without(entries, name).map((choice) => ({ 'Fn::Equals': [CHOSEN, choice] }));
      return [logicalName, { 'Fn::Not': [anyOf(others)] }];
    }),
  );

/** CloudFormation's `Or` takes two to ten conditions. */
const anyOf = (conditions: readonly Json[]): Json => {
  const [first] = conditions;
  if (!first) return { 'Fn::Equals': ['a', 'b'] };
  if (conditions.length === 1) return first;
  if (conditions.length <= 10) return { 'Fn::Or': conditions };
  const size = Math.ceil(conditions.length / 10);
  const groups = Array.from({ length: Math.ceil(conditions.length / size) }, (_, at) =>
    conditions.slice(at * size, (at + 1) * size),
  );
  return { 'Fn::Or': groups.map(anyOf) };
};

/** What would otherwise fail at the functions' first start fails before anything is changed. */
export const rulesOf = (entries: Entries): Json => {
  const chosen = Object.entries(entries).flatMap(([name, { logicalName, needs }]) =>
    needs.map((parameter, at) => [
      `${logicalName}NeedsAnAddress${at === 0 ? '' : at + 1}`,
      {
        RuleCondition: { 'Fn::Not': [{ 'Fn::Contains': [without(entries, name), CHOSEN] }] },
        Assertions: [
          {
            Assert: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: parameter }, ''] }] },
            AssertDescription: `registries names ${name}, so ${parameter} must be given.`,
          },
        ],
      },
    ]),
  );
  const all = choicesOf(Object.keys(entries));
  const resolved = Object.entries(entries).map(([name, { logicalName }]) => [
    `ResolveFrom${logicalName}`,
    {
      RuleCondition: { 'Fn::Equals': [{ Ref: 'resolveFrom' }, name] },
      Assertions: [
        {
          Assert: {
            'Fn::Contains': [all.filter((choice) => choice.split(',').includes(name)), CHOSEN],
          },
          AssertDescription: `resolveFrom is ${name}, so registries must name it.`,
        },
      ],
    },
  ]);
  return Object.fromEntries([...chosen, ...resolved]);
};

/** A function that its condition ties to one registry knows that one alone. */
const environmentOf = (lambda: string, { condition }: Lambda): Json => {
  const program: Program = READING_FUNCTIONS.includes(lambda) ? 'reader' : 'writer';
  const all = Object.entries(REGISTRIES);
  const tied = all.filter(([, { logicalName }]) => logicalName === condition);
  return Object.fromEntries(
    (tied.length > 0 ? tied : all).flatMap(([name, { environment }]) => [
      ...Object.values<Setting>(SETTINGS)
        .filter((one) => one.registry === name && (one.program ?? program) === program)
        .map(({ env, param }) => [env, { Ref: param }] as const),
      ...Object.entries(environment ?? {}),
    ]),
  );
};

/** As in alarms.yml. */
const OWNER = {
  Name: 'Owner',
  Value: {
    'Fn::If': [
      'OwnerGiven',
      { Ref: 'owner' },
      { 'Fn::Sub': ['StackName', 'AccountId', 'Region'].map((one) => `\${AWS::${one}}`).join(':') },
    ],
  },
};
const ACTIONS = { 'Fn::If': ['TopicGiven', [{ Ref: 'alarmTopicArn' }], { Ref: 'AWS::NoValue' }] };

const ALARMS = {
  /**
   * Registries fail apart: a round ends well though one of them failed. What Rollcall itself counts
   * shows it. Ten minutes, since in any minute of a deployment a write may be told to come again.
   */
  Failing: {
    AlarmDescription:
      'In each of ten minutes something could not be read or written at this registry. The log and the last summary say what.',
    MetricName: 'Failed',
    Statistic: 'Sum',
    EvaluationPeriods: 10,
  },
  /** Two rounds, since ECS may list in the next one what it has just left out. */
  Withheld: {
    AlarmDescription:
      "Removals or renamings above the delete limit, or whose number is not known, wait for an operator. The stack's output Plan shows them, `release`, sent to the function operate, lets them through.",
    MetricName: 'Withheld',
    Statistic: 'Maximum',
    EvaluationPeriods: 2,
  },
  /**
   * What may hide records forbids removals. A server that restarts says so for minutes, a missing
   * right for ever.
   */
  Unknown: {
    AlarmDescription:
      'For half an hour this registry has not shown all of our records, so none is removed there. A right to read may be missing; the last summary says what.',
    MetricName: 'Unknown',
    Statistic: 'Maximum',
    EvaluationPeriods: 30,
    // A round may begin a little early or late, and leave a minute without one.
    DatapointsToAlarm: 27,
  },
} as const;

export const alarmsOf = (entries: Entries): Json =>
  Object.fromEntries(
    Object.entries(entries).flatMap(([name, { logicalName, mayHideRecords }]) =>
      Object.entries(ALARMS)
        .filter(([kind]) => kind !== 'Unknown' || mayHideRecords)
        .map(([kind, properties]) => [
          `${logicalName}${kind}Alarm`,
          {
            Type: 'AWS::CloudWatch::Alarm',
            Condition: logicalName,
            Properties: {
              ...properties,
              Namespace: 'Rollcall',
              Dimensions: [OWNER, { Name: 'Registry', Value: name }],
              Period: 60,
              Threshold: 0,
              ComparisonOperator: 'GreaterThanThreshold',
              TreatMissingData: 'notBreaching',
              AlarmActions: ACTIONS,
              OKActions: ACTIONS,
            },
          },
        ]),
    ),
  );
