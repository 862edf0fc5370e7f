import type {
  CloudFormationClient,
  CloudFormationClientConfig,
} from '@aws-sdk/client-cloudformation';

/** The framework's provider, as far as our plugins ask AWS through it. */
export interface Aws {
  readonly naming: { getStackName(): string };
  getRegion(): string;
  getStage(): string;
  /** With the credentials of the command, and its region unless another is asked for. */
  getAwsSdkV3Config(options?: {
    readonly region?: string;
    readonly maxAttempts?: number;
  }): Promise<CloudFormationClientConfig>;
}

/** The framework's words for what ends the deployment anyway: said once is enough. */
const WITHOUT_CREDENTIALS: ReadonlySet<unknown> = new Set([
  'AWS_CREDENTIALS_NOT_FOUND',
  'UNRECOGNIZED_AWS_PROFILE',
]);

export const isWithoutCredentials = (error: unknown): boolean =>
  WITHOUT_CREDENTIALS.has(Object(error).code);

/** Of these nothing has ever been deployed, or nothing is left. */
const NOT_STANDING: ReadonlySet<unknown> = new Set([
  'REVIEW_IN_PROGRESS',
  'ROLLBACK_COMPLETE',
  'DELETE_COMPLETE',
]);

/**
 * The parameters that the stack was last deployed with, by name; undefined where no stack of its
 * name stands. Rejects where that cannot be read.
 */
export const standingParameters = async (
  aws: Aws,
): Promise<Readonly<Record<string, string>> | undefined> => {
  const stack = await describe(aws, await clientOf(aws));
  return (
    stack &&
    Object.fromEntries(
      (stack.Parameters ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => [
        ParameterKey,
        ParameterValue,
      ]),
    )
  );
};

/** Milliseconds. */
const PATIENCE = 20_000;

/**
 * Whether a stack of this name stands in another region. One that the network does not lead to is
 * not waited for: it rejects.
 */
export const standsIn = async (aws: Aws, region: string): Promise<boolean> => {
  const client = await clientOf(aws, { region, maxAttempts: 2 });
  return (await describe(aws, client, AbortSignal.timeout(PATIENCE))) !== undefined;
};

const describe = async (aws: Aws, client: CloudFormationClient, abortSignal?: AbortSignal) => {
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const command = new DescribeStacksCommand({ StackName: aws.naming.getStackName() });
  const answer = await client
    .send(command, abortSignal === undefined ? {} : { abortSignal })
    .catch(noneIfMissing);
  return answer?.Stacks?.find(({ StackStatus }) => !NOT_STANDING.has(StackStatus));
};

/**
 * What the stack has made under a logical id; undefined where there is no stack, or where it let go
 * of it.
 */
export const standingResource = async (
  aws: Aws,
  logicalId: string,
): Promise<string | undefined> => {
  const { DescribeStackResourcesCommand } = await import('@aws-sdk/client-cloudformation');
  const client = await clientOf(aws);
  const answer = await client
    .send(
      new DescribeStackResourcesCommand({
        StackName: aws.naming.getStackName(),
        LogicalResourceId: logicalId,
      }),
    )
    .catch(noneIfMissing);
  return answer?.StackResources?.find(
    ({ ResourceStatus = '' }) => !ResourceStatus.startsWith('DELETE'),
  )?.PhysicalResourceId;
};

const clientOf = async (
  aws: Aws,
  elsewhere: Parameters<Aws['getAwsSdkV3Config']>[0] = {},
): Promise<CloudFormationClient> => {
  const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation');
  return new CloudFormationClient(await aws.getAwsSdkV3Config(elsewhere));
};

const noneIfMissing = (error: unknown): undefined => {
  if (/does not exist/.test(String(error))) return undefined;
  throw error;
};
