import { beforeAll, describe, expect, it } from 'vitest';
import { packageStack } from './package-stack.ts';
import { at, deployed, type Json, list, ofType, type Template } from './template.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

const property = (name: string, ...path: (string | number)[]) =>
  at(template.Resources[name]?.Properties, ...path);

describe('logs and alarms', () => {
  it('end after the days that were given, under the key that was given', () => {
    const groups = ofType(
      deployed(template, { registries: 'eureka', logRetention: '7', kmsKeyArn: 'arn:k' }),
      'AWS::Logs::LogGroup',
    );
    expect(groups).toHaveLength(5);
    for (const [, { Properties }] of groups)
      expect(Properties).toMatchObject({ RetentionInDays: '7', KmsKeyId: 'arn:k' });
  });

  it('tell the topic, where there is one', () => {
    const actions = (given: Record<string, string>) =>
      ofType(deployed(template, { registries: 'eureka', ...given }), 'AWS::CloudWatch::Alarm').map(
        ([, { Properties }]) => Properties['AlarmActions'],
      );
    expect(actions({})).toEqual(Array<Json>(5).fill(undefined));
    expect(actions({ alarmTopicArn: 'arn:t' })).toEqual(Array<Json>(5).fill(['arn:t']));
  });

  it('go off when rounds fail and when they do not happen at all', () => {
    for (const [alarm, name] of [
      ['ReconcileAlarm', 'Reconcile'],
      ['RenewAlarm', 'Renew'],
    ]) {
      expect(property(`${alarm}`)).toMatchObject({
        ComparisonOperator: 'LessThanThreshold',
        Threshold: 1,
        TreatMissingData: 'breaching',
      });
      const metrics = list(property(`${alarm}`, 'Metrics')).flatMap((one) =>
        list(at(one, 'MetricStat', 'Metric')),
      );
      expect(metrics.map((one) => at(one, 'MetricName'))).toEqual(['Invocations', 'Errors']);
      expect(metrics.map((one) => at(one, 'Dimensions', 0, 'Value', 'Ref'))).toEqual([
        `${name}LambdaFunction`,
        `${name}LambdaFunction`,
      ]);
    }
  });

  it('warn of ended leases before they end', () => {
    expect(60 * Number(property('RenewAlarm', 'EvaluationPeriods'))).toBeLessThan(180);
  });

  it('go off with the first dead letter, and with the first event that cannot be delivered', () => {
    for (const alarm of ['EventDeadLettersAlarm', 'RenewDeadLettersAlarm', 'UndeliveredAlarm'])
      expect(property(alarm)).toMatchObject({
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
      });
    expect(
      list(property('UndeliveredAlarm', 'Metrics')).flatMap((one) =>
        list(at(one, 'MetricStat', 'Metric', 'Dimensions', 0, 'Value', 'Ref')),
      ),
    ).toEqual(['TaskEvents', 'HostEvents']);
  });
});
