import type { Made, Stack } from '../resolve.ts';
import { type Finding, found } from './finding.ts';

/** Values that are well formed, and that AWS refuses beside others, or takes for something else. */
export const reservedValues = (stack: Stack): readonly Finding[] =>
  Object.entries(stack.resources).flatMap(([name, one]) =>
    found(name, ...(FAULTS[one.Type]?.(one) ?? [])),
  );

const FAULTS: Readonly<Record<string, (one: Made) => readonly (string | false)[]>> = {
  // PutParameter: "Parameters can't be referenced or nested in the values of other parameters. You
  // can't include values wrapped in double brackets {{}} or {{ssm:parameter-name}} in a parameter
  // value."
  'AWS::SSM::Parameter': ({ Properties }) => [
    String(Properties['Value']).includes('{{') &&
      'holds {{, which Parameter Store refuses in a value',
    /^\/?(aws|ssm)/i.test(String(Properties['Name'])) && 'has a name that AWS keeps for itself',
  ],
  // SetQueueAttributes: "Only one server-side encryption option is supported per queue". A queue
  // that has SQS's own (every one has, unless told) keeps it where the template says nothing of it.
  'AWS::SQS::Queue': ({ Properties }) => [
    Properties['KmsMasterKeyId'] !== undefined &&
      Properties['SqsManagedSseEnabled'] !== false &&
      'has a key, and does not say that SqsManagedSseEnabled is false',
  ],
};
