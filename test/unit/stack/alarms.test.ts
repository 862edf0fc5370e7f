import { beforeAll, describe, expect, it } from 'vitest';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import {
  at,
  deployed,
  type Json,
  type JsonObject,
  list,
  ofType,
  type Template,
} from '../../../scripts/stack/template.ts';
import { createLogger } from '../../../shared/platform/log.ts';
import { createTelemetry } from '../../../shared/platform/telemetry.ts';

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
    expect(groups).toHaveLength(1);
    for (const [, { Properties }] of groups)
      expect(Properties).toMatchObject({ RetentionInDays: '7', KmsKeyId: 'arn:k' });
  });

  it('tell the topic, where there is one', () => {
    const actions = (given: Record<string, string>) =>
      ofType(deployed(template, { registries: 'eureka', ...given }), 'AWS::CloudWatch::Alarm').map(
        ([, { Properties }]) => Properties['AlarmActions'],
      );
    expect(actions({})).toEqual(Array<Json>(16).fill(undefined));
    expect(actions({ alarmTopicArn: 'arn:t' })).toEqual(Array<Json>(16).fill(['arn:t']));
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

  it('take no run whose metric is late for one that failed: the last minute is filled in only where others decide', () => {
    const expression = (alarm: string) => String(property(alarm, 'Metrics', 0, 'Expression'));
    expect(expression('RenewAlarm')).not.toContain('FILL(runs');
    expect(expression('ReconcileAlarm')).toContain('FILL(runs');
    expect(property('ReconcileAlarm', 'DatapointsToAlarm')).toBeGreaterThan(2);
  });

  it('go off with the first dead letter, and with the first event of each rule that is not delivered or is lost', () => {
    const alarms = ['Undelivered', 'Lost'].flatMap((what) => [
      `${what}TaskEventsAlarm`,
      `${what}HostEventsAlarm`,
    ]);
    for (const alarm of ['EventDeadLettersAlarm', ...alarms])
      expect(property(alarm)).toMatchObject({
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
      });
    expect(
      alarms.map((name) => [
        property(name, 'MetricName'),
        property(name, 'Dimensions', 0, 'Value', 'Ref'),
      ]),
    ).toEqual([
      ['FailedInvocations', 'TaskEvents'],
      ['FailedInvocations', 'HostEvents'],
      ['InvocationsFailedToBeSentToDlq', 'TaskEvents'],
      ['InvocationsFailedToBeSentToDlq', 'HostEvents'],
    ]);
  });

  it('tell events that wait from one that is received in vain until it is a dead letter', () => {
    const receives = Number(property('EventQueue', 'RedrivePolicy', 'maxReceiveCount'));
    expect(property('EventsLateAlarm')).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Threshold: receives * Number(property('EventQueue', 'VisibilityTimeout')),
    });
  });

  it('watch the resolver, whose clients are refused while every round ends well', () => {
    for (const [alarm, metric] of [
      ['ResolveAlarm', 'Errors'],
      ['ResolveThrottledAlarm', 'Throttles'],
    ])
      expect(property(`${alarm}`)).toMatchObject({
        Namespace: 'AWS/Lambda',
        MetricName: metric,
        Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'ResolveLambdaFunction' } }],
      });
  });

  it('name one metric, or a sum of those that the same function always sends', () => {
    const sums = ofType(template, 'AWS::CloudWatch::Alarm').filter(
      ([, one]) => one.Properties['Metrics'],
    );
    expect(sums.map(([name]) => name)).toEqual(['ReconcileAlarm', 'RenewAlarm']);
  });

  /** Rollcall's own metrics as the functions write them, each as its alarm must name it. */
  const written = () => {
    const lines: string[] = [];
    const telemetry = createTelemetry({
      owner: 'us',
      now: () => 0,
      logger: createLogger({ write: () => {} }),
      write: (line) => lines.push(line),
    });
    telemetry.count('Failed', 1);
    telemetry.count('Unfinished', 1);
    telemetry.count('SharedNames', 1);
    for (const registry of ['cloudmap', 'consul', 'eureka'] as const) {
      telemetry.count('Failed', 1, registry);
      telemetry.count('Withheld', 0, registry);
      // Cloud Map shows all it has, or fails.
      if (registry !== 'cloudmap') telemetry.count('Unknown', 1, registry);
    }
    void telemetry.flush();
    return lines.map((line): Json => JSON.parse(line)).flatMap(namesIn);
  };
  const namesIn = (line: Json) => {
    const { Namespace, Dimensions, Metrics } = at(
      line,
      '_aws',
      'CloudWatchMetrics',
      0,
    ) as JsonObject;
    const dimensions = list(at(list(Dimensions), 0)).map((name) => [name, at(line, String(name))]);
    return list(Metrics).map((metric) => ({ Namespace, name: at(metric, 'Name'), dimensions }));
  };
  const watched = (given: Record<string, string>) =>
    ofType(deployed(template, { owner: 'us', ...given }), 'AWS::CloudWatch::Alarm')
      .map(([, { Properties }]) => Properties)
      .filter(({ Namespace }) => Namespace === 'Rollcall')
      .map(({ Namespace, MetricName, Dimensions }) => ({
        Namespace,
        name: MetricName,
        dimensions: list(Dimensions).map((one) => [at(one, 'Name'), at(one, 'Value')]),
      }));

  it('see what fails, is withheld or is hidden at each registry, and clusters that cannot be read or are left, and names that several have, while rounds end well', () => {
    const inOrder = (all: readonly object[]) => all.map((one) => JSON.stringify(one)).sort();
    expect(inOrder(watched({ registries: 'cloudmap,consul,eureka' }))).toEqual(inOrder(written()));
    expect(watched({ registries: 'consul' })).toHaveLength(6);
  });

  it('take no single failure for a failing registry: a write may be told to come again', () => {
    for (const name of ['CloudMapFailingAlarm', 'ConsulFailingAlarm', 'EurekaFailingAlarm'])
      expect(property(name)).toMatchObject({
        EvaluationPeriods: 10,
        Threshold: 0,
        TreatMissingData: 'notBreaching',
      });
  });

  it('take no round that is too short once for a fleet that is too large, and need no round in each minute', () => {
    expect(property('ClustersUnfinishedAlarm')).toMatchObject({
      Period: 60,
      EvaluationPeriods: 10,
      DatapointsToAlarm: 9,
      Threshold: 0,
      TreatMissingData: 'notBreaching',
    });
  });

  it('take a server that restarts for no missing right: what hides records must do so for half an hour', () => {
    for (const name of ['ConsulUnknownAlarm', 'EurekaUnknownAlarm'])
      expect(property(name)).toMatchObject({
        Period: 60,
        EvaluationPeriods: 30,
        DatapointsToAlarm: 27,
      });
  });
});
