import { notAnswered } from '../exit.ts';
import { clientOptions, localHint } from './clients.ts';
import type { Place, StandingStack } from './target.ts';

/** Rejects where no stack of this name stands, or where it is not one of ours. */
export const standingStack = async (name: string, place: Place): Promise<StandingStack> => {
  const { CloudFormationClient, DescribeStacksCommand } = await import(
    '@aws-sdk/client-cloudformation'
  );
  const client = new CloudFormationClient(clientOptions(place));
  const answer = await client
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch((error: unknown) => {
      if (/does not exist/.test(String(error))) throw notAnswered(missing(name, place));
      throw localHint(place, error);
    });
  const [stack] = answer.Stacks ?? [];
  if (!stack) throw notAnswered(missing(name, place));
  const outputs = Object.fromEntries(
    (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
  if (outputs['Functions'] === undefined)
    throw notAnswered(
      `stack ${name} (${stack.StackStatus}): it has no output Functions, so it is not Rollcall's, or is of an older version: deploy it anew`,
    );
  const parameters = Object.fromEntries(
    (stack.Parameters ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => [
      ParameterKey,
      ParameterValue,
    ]),
  );
  return { name, parameters, outputs };
};

const missing = (name: string, { region }: Place) =>
  `there is no stack ${name} in ${region} in this account: name another by --stage, --stack or --region, or deploy it`;
