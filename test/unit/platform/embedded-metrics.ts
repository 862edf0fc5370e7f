import * as v from 'valibot';

/**
 * CloudWatch's embedded metric format, as its specification has it: a line that breaks it is kept
 * as a log line and makes no metric, without a word to anybody.
 */
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(1024));
const directive = v.strictObject({
  Namespace: v.pipe(name, v.regex(/^[^:][^\p{Cc}]*$/u)),
  Dimensions: v.pipe(v.array(v.pipe(v.array(name), v.maxLength(30))), v.minLength(1)),
  Metrics: v.pipe(
    v.array(v.strictObject({ Name: name, Unit: v.picklist(['Count', 'Milliseconds']) })),
    v.minLength(1),
    v.maxLength(100),
  ),
});
const metadata = v.object({
  _aws: v.strictObject({
    Timestamp: v.pipe(v.number(), v.integer(), v.minValue(1e12)),
    CloudWatchMetrics: v.pipe(v.array(directive), v.minLength(1)),
  }),
});
const values = v.union([v.number(), v.pipe(v.array(v.number()), v.minLength(1), v.maxLength(100))]);

export interface Metric {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
}

/** The metrics that CloudWatch makes of a log line; throws where the line breaks the format. */
export const metricsOf = (line: string): readonly Metric[] => {
  const root = v.parse(v.record(v.string(), v.unknown()), JSON.parse(line));
  const { CloudWatchMetrics } = v.parse(metadata, root)._aws;
  return CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((keys) =>
      Metrics.map(({ Name, Unit }) => ({
        namespace: Namespace,
        dimensions: Object.fromEntries(keys.map((key) => [key, v.parse(name, root[key])])),
        name: Name,
        unit: Unit,
        values: [v.parse(values, root[Name])].flat(),
      })),
    ),
  );
};
