import { beforeAll, describe, expect, it } from 'vitest';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import {
  at,
  comesAfter,
  deployed,
  list,
  ofType,
  type Resource,
  type Template,
  text,
} from '../../../scripts/stack/template.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

const property = (name: string, ...path: (string | number)[]) =>
  at(template.Resources[name]?.Properties, ...path);

describe('the event queue', () => {
  it('hides a batch for six times as long as the function may take', () => {
    for (const [queue, name] of [
      ['EventQueue', 'OnTaskEvent'],
      ['RenewQueue', 'Renew'],
    ])
      expect(property(`${queue}`, 'VisibilityTimeout')).toBeGreaterThanOrEqual(
        6 * Number(property(`${name}LambdaFunction`, 'Timeout')),
      );
  });

  it('gives up after five receives, into a queue that keeps for 14 days', () => {
    expect(property('EventQueue', 'RedrivePolicy')).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': ['EventDeadLetters', 'Arn'] },
      maxReceiveCount: 5,
    });
    expect(property('EventDeadLetters', 'MessageRetentionPeriod')).toBe(14 * 24 * 3600);
  });

  it('of renewals forgets in minutes what failed: each minute brings another, and an alarm tells', () => {
    expect(property('RenewQueue', 'MessageRetentionPeriod')).toBe(300);
    expect(property('RenewQueue', 'RedrivePolicy')).toBeUndefined();
  });

  it('is a standard queue, since a FIFO queue takes no delay per message', () => {
    for (const [, { Properties }] of ofType(template, 'AWS::SQS::Queue'))
      expect(Properties).not.toHaveProperty('FifoQueue');
  });

  it('is encrypted by SQS, or with the customer’s key', () => {
    const queues = (given: Record<string, string>) =>
      ofType(deployed(template, { registries: 'eureka', ...given }), 'AWS::SQS::Queue').map(
        ([, { Properties }]) => Properties,
      );
    expect(queues({})).toHaveLength(3);
    for (const queue of queues({})) {
      expect(queue['SqsManagedSseEnabled']).toBe(true);
      expect(queue).not.toHaveProperty('KmsMasterKeyId');
    }
    // Said, not left out: SQS refuses a key for a queue that has still the other kind of
    // encryption.
    for (const queue of queues({ kmsKeyArn: 'arn:k' })) {
      expect(queue['KmsMasterKeyId']).toBe('arn:k');
      expect(queue['SqsManagedSseEnabled']).toBe(false);
    }
  });

  it('takes messages from our two rules of this account, and from no one else, as does that of dead letters', () => {
    const rules = ofType(template, 'AWS::Events::Rule').filter(
      ([, { Properties }]) => Properties['EventPattern'],
    );
    const arnOf = ({ Properties }: Resource) =>
      `arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:rule/${text(Properties['Name'])}`;
    for (const [name, queue] of [
      ['EventQueuePolicy', 'EventQueue'],
      ['EventDeadLettersPolicy', 'EventDeadLetters'],
    ] as const) {
      // Who is denied besides, senders.test.ts tells.
      const [statement, ...others] = list(property(name, 'PolicyDocument', 'Statement'));
      expect(others.map((one) => at(one, 'Effect'))).toEqual(
        name === 'EventQueuePolicy' ? ['Deny'] : [],
      );
      expect(statement).toEqual({
        Sid: 'OnlyOurRulesSend',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
        Condition: {
          ArnEquals: { 'aws:SourceArn': expect.anything() },
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        },
      });
      const sources = list(at(statement, 'Condition', 'ArnEquals', 'aws:SourceArn')).map(text);
      expect(sources).toEqual(rules.map(([, rule]) => arnOf(rule)));
      expect(sources.join()).not.toMatch(/[*?]/);
    }
  });

  it('has a policy that is its own alone, with one resource a statement: SQS takes no other', () => {
    const policies = ofType(template, 'AWS::SQS::QueuePolicy').map(
      ([, { Properties }]) => Properties,
    );
    expect(policies).toHaveLength(3);
    for (const { Queues, PolicyDocument } of policies) {
      const [queue, ...others] = list(Queues).map((one) => at(one, 'Ref'));
      expect(others).toEqual([]);
      for (const statement of list(at(PolicyDocument, 'Statement')))
        expect(list(at(statement, 'Resource'))).toEqual([{ 'Fn::GetAtt': [queue, 'Arn'] }]);
    }
  });

  it('hands over ten at a time, without waiting, and takes back what failed', () => {
    expect(property('OnTaskEventEventSourceMappingSQSEventQueue')).toMatchObject({
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 0,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: { Ref: 'eventConcurrency' } },
    });
    expect(property('OnTaskEventLambdaFunction', 'RecursiveLoop')).toBe('Allow');
  });
});

describe('rules', () => {
  it('pick, of this account and region alone, tasks that run or shall stop, and hosts that run nothing any more', () => {
    const here = { account: [{ Ref: 'AWS::AccountId' }], region: [{ Ref: 'AWS::Region' }] };
    expect(property('TaskEvents', 'EventPattern')).toEqual({
      ...here,
      source: ['aws.ecs'],
      'detail-type': ['ECS Task State Change'],
      detail: { $or: [{ lastStatus: ['RUNNING'] }, { desiredStatus: ['STOPPED'] }] },
    });
    expect(property('HostEvents', 'EventPattern')).toEqual({
      ...here,
      source: ['aws.ec2'],
      'detail-type': ['EC2 Instance State-change Notification'],
      detail: { state: ['shutting-down', 'stopping', 'stopped', 'terminated'] },
    });
  });

  it('come after the function that takes what they bring', () => {
    for (const rule of ['TaskEvents', 'HostEvents'])
      expect(comesAfter(template, rule)).toContain('OnTaskEventEventSourceMappingSQSEventQueue');
  });

  it('put what they cannot deliver into the dead-letter queue', () => {
    for (const rule of ['TaskEvents', 'HostEvents'])
      expect(property(rule, 'Targets')).toEqual([
        expect.objectContaining({
          Arn: { 'Fn::GetAtt': ['EventQueue', 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['EventDeadLetters', 'Arn'] } },
        }),
      ]);
  });

  it('run the reconciler and the renewal each minute, never twice and never late', () => {
    for (const name of ['Reconcile', 'Renew']) {
      const target = { 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] };
      const rules = ofType(template, 'AWS::Events::Rule').filter(([, { Properties }]) =>
        JSON.stringify(Properties).includes(JSON.stringify(target)),
      );
      expect(rules.map(([, { Properties }]) => Properties['ScheduleExpression'])).toEqual([
        'rate(1 minute)',
      ]);
      expect(at(rules[0]?.[1].Properties, 'Targets', 0, 'RetryPolicy')).toEqual({
        MaximumEventAgeInSeconds: 60,
        MaximumRetryAttempts: 0,
      });
      expect(property(`${name}LambdaEvConf`)).toMatchObject({
        MaximumEventAgeInSeconds: 60,
        MaximumRetryAttempts: 0,
      });
      expect(Number(property(`${name}LambdaFunction`, 'Timeout'))).toBeLessThan(60);
    }
  });
});
