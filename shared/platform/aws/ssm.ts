/**
 * What is used of Systems Manager, by name: a module loaded on demand keeps all that it exports,
 * and the client's own index exports two hundred commands.
 */
export {
  DescribeInstanceInformationCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
