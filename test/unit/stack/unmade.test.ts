import { beforeAll, describe, expect, it } from 'vitest';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import {
  at,
  deployed,
  type Json,
  list,
  ofType,
  type Template,
  text,
} from '../../../scripts/stack/template.ts';

/**
 * Whole resources that the emulator of the deployment rehearsal does not make: the template is all
 * there is to read.
 */
let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

const properties = (name: string, given = {}) =>
  deployed(template, given).Resources[name]?.Properties;

/** `Fn::Join` with an empty or other delimiter, carried out. */
const joined = (json: Json): string =>
  list(at(json, 'Fn::Join', 1))
    .map(text)
    .join(String(at(json, 'Fn::Join', 0)));

describe('the HTTP API', () => {
  it('hands every request to the resolver, in the format that it reads', () => {
    expect(properties('HttpApi')).toEqual({
      Name: 'rollcall-dev',
      ProtocolType: 'HTTP',
      DisableExecuteApiEndpoint: false,
    });
    expect(properties('HttpApiIntegrationResolve')).toMatchObject({
      ApiId: { Ref: 'HttpApi' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: { 'Fn::GetAtt': ['ResolveLambdaFunction', 'Arn'] },
      PayloadFormatVersion: '2.0',
    });
    expect(joined(at(properties('HttpApiRouteDefault'), 'Target'))).toBe(
      'integrations/<HttpApiIntegrationResolve>',
    );
  });

  it('waits longer than the resolver may take', () => {
    expect(Number(properties('HttpApiIntegrationResolve')?.['TimeoutInMillis'])).toBeGreaterThan(
      1_000 * Number(properties('ResolveLambdaFunction')?.['Timeout']),
    );
  });

  it('serves at its root, deployed with the stack', () => {
    expect(properties('HttpApiStage')).toMatchObject({
      ApiId: { Ref: 'HttpApi' },
      StageName: '$default',
      AutoDeploy: true,
    });
  });

  it('may invoke the resolver, and nothing else may', () => {
    const permissions = ofType(template, 'AWS::Lambda::Permission').map(
      ([, one]) => one.Properties,
    );
    const [permission, ...others] = permissions.filter(({ FunctionName }) =>
      JSON.stringify(FunctionName).includes('ResolveLambdaFunction'),
    );
    expect(others).toEqual([]);
    expect(permission).toMatchObject({
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
    });
    expect(joined(at(permission, 'SourceArn'))).toBe(
      'arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<HttpApi>/*',
    );
  });
});

describe('the namespace', () => {
  it('is named after the stage, and says whose it is', () => {
    const { Name, Description } = properties('HttpNamespace') ?? {};
    expect([Name, text(Description)]).toEqual([
      'rollcall-dev',
      'ECS tasks, kept by <AWS::StackName>',
    ]);
    expect(properties('PrivateNamespace', { vpcId: 'vpc-1' })).toMatchObject({
      Name: 'dev.rollcall.internal',
      Vpc: 'vpc-1',
    });
  });

  it('is what the functions are told', () => {
    const told = (given = {}) =>
      at(
        properties('ReconcileLambdaFunction', given),
        'Environment',
        'Variables',
        'ROLLCALL_NAMESPACE',
      );
    expect(told()).toEqual({ Ref: 'HttpNamespace' });
    expect(told({ vpcId: 'vpc-1' })).toEqual({ Ref: 'PrivateNamespace' });
    expect(told({ namespace: 'shop', vpcId: 'vpc-1' })).toBe('shop');
  });
});

describe('the bucket of the zips', () => {
  it('is encrypted, closed to the public, and answers over TLS only', () => {
    expect(properties('ServerlessDeploymentBucket')).toEqual({
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    const { Bucket, PolicyDocument } = properties('ServerlessDeploymentBucketPolicy') ?? {};
    expect(Bucket).toEqual({ Ref: 'ServerlessDeploymentBucket' });
    expect(at(PolicyDocument, 'Statement')).toMatchObject([
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': false } },
      },
    ]);
    expect(list(at(PolicyDocument, 'Statement', 0, 'Resource')).map(joined)).toEqual([
      'arn:<AWS::Partition>:s3:::<ServerlessDeploymentBucket>/*',
      'arn:<AWS::Partition>:s3:::<ServerlessDeploymentBucket>',
    ]);
  });
});

describe('every function', () => {
  it('has its environment under the key that was given', () => {
    const given = { registries: 'eureka', kmsKeyArn: 'arn:k' };
    const functions = ofType(deployed(template, given), 'AWS::Lambda::Function');
    expect(functions).toHaveLength(6);
    for (const [, { Properties }] of functions) expect(Properties['KmsKeyArn']).toBe('arn:k');
    for (const [, { Properties }] of ofType(deployed(template), 'AWS::Lambda::Function'))
      expect(Properties).not.toHaveProperty('KmsKeyArn');
  });

  it('has its network’s policy before it is made, where it is in a VPC', () => {
    const given = { registries: 'eureka', subnetIds: 'subnet-1', securityGroupIds: 'sg-1' };
    const roles = ofType(deployed(template, given), 'AWS::IAM::Role');
    expect(roles).toHaveLength(6);
    for (const [, { Properties }] of roles)
      expect(Properties['ManagedPolicyArns']).toContainEqual({ Ref: 'NetworkAccess' });
  });
});
