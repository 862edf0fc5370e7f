import { expect, it } from 'vitest';
import { resolve } from '../../../../scripts/stack/resolve.ts';
import type { Template } from '../../../../scripts/stack/template.ts';

const template: Template = {
  Description: '',
  Parameters: { vpcId: { Default: 'vpc-1' } },
  Conditions: {},
  Rules: {},
  Outputs: {},
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
    Namespace: {
      Type: 'AWS::ServiceDiscovery::PrivateDnsNamespace',
      Properties: {
        Vpc: { Ref: 'vpcId' },
        Name: { 'Fn::Join': ['.', ['a', { 'Fn::GetAtt': ['Queue', 'QueueName'] }]] },
        Description: {
          'Fn::Sub': [`in \${vpcId} of \${AWS::StackName}, \${Which}`, { Which: { Ref: 'Queue' } }],
        },
        Tags: { 'Fn::Split': [',', { 'Fn::Sub': `x,\${Queue.Arn}` }] },
      },
    },
  },
};

it('a template is carried out with parameters that are given, and with defaults', () => {
  const queue = 's-Queue-Ab12Cd34Ef56';
  const properties = (given: Readonly<Record<string, string>>) =>
    resolve(template, { 'AWS::StackName': 's', ...given }).resources['Namespace']?.Properties;
  expect(properties({})).toEqual({
    Vpc: 'vpc-1',
    Name: `a.${queue}`,
    Description: `in vpc-1 of s, https://sqs.eu-central-1.amazonaws.com/111122223333/${queue}`,
    Tags: ['x', `arn:aws:sqs:eu-central-1:111122223333:${queue}`],
  });
  expect(properties({ vpcId: 'vpc-2' })).toMatchObject({
    Vpc: 'vpc-2',
    Description: expect.stringContaining('in vpc-2 of'),
  });
});

it('a reference to what is not there is an error, and so is one to what nobody knows', () => {
  const withQueue = (Properties: object) =>
    resolve({
      ...template,
      Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { ...Properties } } },
    });
  expect(() => withQueue({ QueueName: { Ref: 'Nothing' } })).toThrow('Ref of Nothing');
  expect(() => withQueue({ QueueName: { 'Fn::GetAtt': ['Queue', 'Age'] } })).toThrow(
    'Age of Queue',
  );
});
