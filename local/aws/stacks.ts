import { AwsFault, type AwsService } from './service.ts';

/** A stack as DescribeStacks tells of it. */
export interface DescribedStack {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** CloudFormation as far as whoever operates a stack asks it: what it was made with, and is. */
export interface Stacks extends AwsService {
  /** Another of the same name takes its place. */
  put(stack: DescribedStack): void;
}

export const createStacks = (place: {
  readonly account: string;
  readonly region: string;
}): Stacks => {
  const stacks = new Map<string, DescribedStack>();
  const toStack = ({ name, parameters, outputs }: DescribedStack) => ({
    StackId: `arn:aws:cloudformation:${place.region}:${place.account}:stack/${name}/local`,
    StackName: name,
    StackStatus: 'UPDATE_COMPLETE',
    CreationTime: new Date(0),
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({
      OutputKey,
      OutputValue,
    })),
  });
  return {
    target: 'cloudformation',
    unmodelled: true,
    put: (stack) => void stacks.set(stack.name, stack),
    async handle(operation, { StackName: name }) {
      if (operation !== 'DescribeStacks')
        throw new AwsFault('InvalidAction', `CloudFormation ${operation} is not simulated.`);
      const found = name === undefined ? [...stacks.values()] : [stacks.get(String(name))];
      const known = found.filter((stack) => stack !== undefined);
      if (known.length === 0)
        throw new AwsFault('ValidationError', `Stack with id ${name} does not exist`);
      return { Stacks: known.map(toStack) };
    },
  };
};
