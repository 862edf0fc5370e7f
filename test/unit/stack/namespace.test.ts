import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import {
  ListNamespacesCommand,
  type NamespaceFilter,
  type NamespaceSummary,
  ServiceDiscoveryClient,
} from '@aws-sdk/client-servicediscovery';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import Namespace from '../../../scripts/serverless/namespace.ts';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import { at, type Parameters, type Template, text } from '../../../scripts/stack/template.ts';

const cloudMap = mockClient(ServiceDiscoveryClient);
const cloudFormation = mockClient(CloudFormationClient);

afterAll(() => {
  cloudMap.restore();
  cloudFormation.restore();
});

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

/** What Cloud Map lists, in pages that filters have emptied, and what the stack says is its own. */
const stage = (
  namespaces: readonly NamespaceSummary[],
  own?: readonly [id: string, status: string],
) => {
  cloudMap
    .on(ListNamespacesCommand)
    .resolvesOnce({ NextToken: 'more' })
    .resolves({
      Namespaces: [...namespaces],
    });
  if (!own)
    return cloudFormation
      .on(DescribeStackResourcesCommand)
      .rejects(new Error('Stack does not exist'));
  const [PhysicalResourceId, ResourceStatus] = own;
  return cloudFormation.on(DescribeStackResourcesCommand).resolves({
    StackResources: [
      {
        LogicalResourceId: 'HttpNamespace',
        ResourceType: '',
        Timestamp: new Date(0),
        PhysicalResourceId,
        ResourceStatus: ResourceStatus as 'CREATE_COMPLETE',
      },
    ],
  });
};

/** The hook that runs before a deployment changes anything; resolves with what was warned of. */
const deploy = async (given: Parameters = {}) => {
  const defaults = Object.entries(given).map(([name, Default]) => [
    name,
    { ...template.Parameters[name], Default },
  ]);
  const warned: string[] = [];
  const { hooks } = new Namespace(
    {
      service: {
        provider: {
          compiledCloudFormationTemplate: {
            ...template,
            Parameters: { ...template.Parameters, ...Object.fromEntries(defaults) },
          },
        },
      },
      classes: { Error },
      getProvider: () => ({
        naming: { getStackName: () => 'rollcall-dev' },
        getRegion: () => 'eu-west-1',
        getStage: () => 'dev',
        getAwsSdkV3Config: async () => ({ region: 'eu-west-1' }),
      }),
    },
    {},
    { log: { warning: (message) => warned.push(message) } },
  );
  expect(Object.keys(hooks)).toEqual(['before:aws:deploy:deploy:createStack']);
  for (const hook of Object.values(hooks)) await hook();
  return warned;
};

const LEFT: NamespaceSummary = { Id: 'ns-left', Name: 'rollcall-dev', Type: 'HTTP' };
const PRIVATE: NamespaceSummary = {
  Id: 'ns-private',
  Name: 'dev.rollcall.internal',
  Type: 'DNS_PRIVATE',
};

describe('a deployment that would make a namespace', () => {
  beforeEach(() => {
    cloudMap.reset();
    cloudFormation.reset();
  });

  it('goes on where there is none of its name', async () => {
    stage([{ ...LEFT, Name: 'rollcall-prod' }]);
    await expect(deploy()).resolves.toEqual([]);
  });

  it('stops where one of its name is there, and says how to adopt it', async () => {
    stage([LEFT]);
    await expect(deploy()).rejects.toThrow('--param namespace=ns-left');
  });

  it('goes on with the one that is its own, and not once it has let go of it', async () => {
    stage([LEFT], ['ns-left', 'UPDATE_COMPLETE']);
    await expect(deploy()).resolves.toEqual([]);
    cloudMap.reset();
    stage([LEFT], ['ns-left', 'DELETE_FAILED']);
    await expect(deploy()).rejects.toThrow('--param namespace=ns-left');
    cloudMap.reset();
    stage([LEFT], ['ns-other', 'CREATE_COMPLETE']);
    await expect(deploy()).rejects.toThrow('--param namespace=ns-left');
  });

  it('does not take another account’s namespace for one in its way', async () => {
    // As AWS tells it: by the account's id, so that only the filter says whose it is.
    cloudMap.on(ListNamespacesCommand).callsFake(async ({ Filters = [] }) => {
      const isOwn = Filters.some(
        (one: NamespaceFilter) => one.Name === 'RESOURCE_OWNER' && one.Values?.[0] === 'SELF',
      );
      return { Namespaces: isOwn ? [] : [{ ...LEFT, ResourceOwner: '999988887777' }] };
    });
    await expect(deploy()).resolves.toEqual([]);
  });

  it('stops at a private one in its VPC, or in one that nobody knows, and not in another VPC', async () => {
    for (const [Description, isIn] of [
      ['ECS tasks in vpc-1, kept by rollcall-dev', true],
      ['mine', true],
      ['ECS tasks in vpc-2, kept by rollcall-dev', false],
    ] as const) {
      cloudMap.reset();
      stage([{ ...PRIVATE, Description }]);
      const deployed = deploy({ vpcId: 'vpc-1' });
      if (isIn) await expect(deployed).rejects.toThrow('--param namespace=ns-private');
      else await expect(deployed).resolves.toEqual([]);
    }
    expect(text(at(template.Resources['PrivateNamespace']?.Properties, 'Description'))).toBe(
      'ECS tasks in <vpcId>, kept by <AWS::StackName>',
    );
  });

  it('goes on with a warning where it may not ask', async () => {
    cloudMap.on(ListNamespacesCommand).rejects(new Error('AccessDenied'));
    await expect(deploy()).resolves.toEqual([expect.stringContaining('AccessDenied')]);
  });

  it('stops without credentials in the framework’s words alone: no warning comes before them', async () => {
    const error = Object.assign(new Error('credentials not found'), {
      code: 'AWS_CREDENTIALS_NOT_FOUND',
    });
    cloudMap.on(ListNamespacesCommand).rejects(error);
    await expect(deploy()).rejects.toBe(error);
  });

  it.each([
    ['a namespace is given', { namespace: 'ns-left' }],
    ['Cloud Map is not chosen', { registries: 'consul,eureka' }],
  ])('asks nothing where %s', async (_, given) => {
    stage([LEFT]);
    await expect(deploy(given)).resolves.toEqual([]);
    expect(cloudMap.calls()).toEqual([]);
  });
});
