import { flag, number, records, required, text, texts, toPage } from './input.ts';
import { AwsFault, type AwsService } from './service.ts';
import type { World } from './world.ts';

/** Characters a value may have; rollcall writes standard parameters only. */
const MAX_VALUE = { Standard: 4096, Advanced: 8192 } as const;

type Input = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly Name: string;
  readonly Type: string;
  readonly Value: string;
  readonly Version: number;
  readonly LastModifiedDate: Date;
}

export interface Ssm extends AwsService {
  /** As a stack makes a parameter. */
  create(name: string, value: string): void;
  /** As anybody who has the right may. */
  overwrite(name: string, value: string): void;
}

/** Parameter Store, and the machines of ECS Anywhere as Systems Manager knows them. */
export const createSsm = (world: World): Ssm => {
  const parameters = new Map<string, Parameter>();

  const read = (name: string, decrypt: boolean) => {
    const found = parameters.get(toName(name));
    if (!found) return undefined;
    const hidden = found.Type === 'SecureString' && !decrypt;
    return {
      ...found,
      ...(hidden && { Value: `encrypted:${Buffer.from(found.Value).toString('base64')}` }),
      DataType: 'text',
      ARN: world.arn('ssm', `parameter/${found.Name.replace(/^\//, '')}`),
    };
  };
  const put = (input: Input) => {
    const name = required(input, 'Name');
    const value = required(input, 'Value');
    const known = parameters.get(name);
    const tier = text(input, 'Tier') === 'Advanced' ? 'Advanced' : 'Standard';
    if (value.length > MAX_VALUE[tier])
      throw new AwsFault(
        'ValidationException',
        `${tier} tier parameters support a maximum parameter value of ${MAX_VALUE[tier]} characters.`,
      );
    // A value may name no other parameter. Whether SSM takes two braces that name none, AWS does
    // not say.
    if (value.includes('{{'))
      throw new AwsFault(
        'ValidationException',
        'Parameter value: expected no "{{", which names a parameter.',
      );
    if (known && !flag(input, 'Overwrite'))
      throw new AwsFault(
        'ParameterAlreadyExists',
        'The parameter already exists. Set overwrite to true.',
      );
    const parameter = {
      Name: name,
      Type: text(input, 'Type') ?? known?.Type ?? 'String',
      Value: value,
      Version: (known?.Version ?? 0) + 1,
      LastModifiedDate: new Date(world.now()),
    };
    parameters.set(name, parameter);
    return { Version: parameter.Version, Tier: tier };
  };

  return {
    target: 'AmazonSSM',
    create: (Name, Value) => void put({ Name, Value }),
    overwrite: (Name, Value) => void put({ Name, Value, Overwrite: true }),
    async handle(operation, input) {
      switch (operation) {
        case 'GetParameter': {
          const Parameter = read(required(input, 'Name'), flag(input, 'WithDecryption'));
          if (!Parameter) throw notFound();
          return { Parameter };
        }
        case 'GetParameters':
          return getParameters(input, read);
        case 'PutParameter':
          return put(input);
        case 'DeleteParameter':
          if (!parameters.delete(required(input, 'Name'))) throw notFound();
          return {};
        case 'DescribeInstanceInformation':
          return describeInstanceInformation(world, input);
        default:
          throw new AwsFault('UnknownOperationException', `SSM ${operation} is not simulated.`);
      }
    },
  };
};

const notFound = () => new AwsFault('ParameterNotFound', '');

/** Names may be given as ARNs. */
const toName = (nameOrArn: string) => {
  const [, path] = nameOrArn.split(':parameter');
  if (path === undefined) return nameOrArn;
  return path.lastIndexOf('/') > 0 ? path : path.slice(1);
};

const getParameters = (
  input: Input,
  read: (name: string, decrypt: boolean) => object | undefined,
) => {
  const names = texts(input, 'Names');
  if (names.length < 1 || names.length > 10)
    throw new AwsFault('ValidationException', 'Names: expected 1 to 10 members.');
  const decrypt = flag(input, 'WithDecryption');
  return {
    Parameters: names.flatMap((name) => read(name, decrypt) ?? []),
    InvalidParameters: names.filter((name) => !read(name, decrypt)),
  };
};

/** Only the filter `InstanceIds`; unknown ids match nothing. */
const describeInstanceInformation = (world: World, input: Input) => {
  const size = number(input, 'MaxResults') ?? 50;
  if (size < 5 || size > 50)
    throw new AwsFault('ValidationException', 'MaxResults: expected 5 to 50.');
  const filters = records(input, 'Filters').map((filter) => {
    if (text(filter, 'Key') !== 'InstanceIds')
      throw new AwsFault(
        'InvalidInstanceInformationFilterValue',
        `${text(filter, 'Key')} is not simulated.`,
      );
    return texts(filter, 'Values');
  });
  const { items, next } = toPage(
    world
      .machines()
      .filter(({ instanceId }) => instanceId.startsWith('mi-'))
      .filter(({ instanceId }) => filters.every((values) => values.includes(instanceId))),
    ({ instanceId }) => instanceId,
    {
      size,
      token: text(input, 'NextToken'),
      invalid: () => new AwsFault('InvalidNextToken', 'The specified token is not valid.'),
    },
  );
  return {
    InstanceInformationList: items.map((machine) => ({
      InstanceId: machine.instanceId,
      PingStatus: machine.state === 'running' ? 'Online' : 'ConnectionLost',
      IPAddress: machine.privateIpAddress,
      ResourceType: 'ManagedInstance',
    })),
    NextToken: next,
  };
};
