import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import Changes, { changesOf } from '../../../scripts/serverless/changes.ts';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import type { Parameters, Template } from '../../../scripts/stack/template.ts';
import { ASKED, HARMLESS } from '../../../stack/changes.ts';

const cloudFormation = mockClient(CloudFormationClient);
afterAll(() => cloudFormation.restore());
beforeEach(() => {
  cloudFormation.reset();
});

let template: Template;
/** As CloudFormation shows a stack that was deployed with nothing given. */
let standard: Parameters;
beforeAll(async () => {
  template = await packageStack();
  standard = Object.fromEntries(
    Object.entries(template.Parameters).map(([name, { Default, NoEcho }]) => [
      name,
      NoEcho === true ? '****' : String(Default),
    ]),
  );
});

/** What stands in a region. Elsewhere there is nothing. */
const stand = (region: string, parameters: Parameters, StackStatus = 'UPDATE_COMPLETE') =>
  cloudFormation.on(DescribeStacksCommand).callsFake(async (_, getClient) => {
    if ((await getClient().config.region()) !== region)
      throw new Error('Stack with id rollcall-dev does not exist');
    const Parameters = Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    }));
    return { Stacks: [{ StackName: 'rollcall-dev', StackStatus, Parameters }] };
  });

/** The hook that runs before a deployment changes anything; resolves with what was said. */
const deploy = async (
  given: Parameters = {},
  {
    region = 'eu-west-1',
    ...options
  }: { readonly accept?: string; readonly package?: string; readonly region?: string } = {},
) => {
  const Parameters = Object.fromEntries(
    Object.entries(template.Parameters).map(([name, one]) => [
      name,
      { ...one, Default: given[name] ?? one['Default'] },
    ]),
  );
  const said: string[] = [];
  const { hooks } = new Changes(
    {
      service: { provider: { compiledCloudFormationTemplate: { Parameters } } },
      classes: { Error },
      getProvider: () => ({
        naming: { getStackName: () => 'rollcall-dev' },
        getRegion: () => region,
        getStage: () => 'dev',
        getAwsSdkV3Config: async (options = {}) => ({ region, ...options }),
      }),
    } as ConstructorParameters<typeof Changes>[0],
    options,
    { log: { warning: (text) => said.push(text), notice: (text) => said.push(text) } },
  );
  expect(Object.keys(hooks)).toEqual(['before:aws:deploy:deploy:createStack']);
  for (const hook of Object.values(hooks)) await hook();
  return said;
};

it('every parameter of the stack is either asked about or harmless, and no other is', () => {
  const classified = [...Object.keys(ASKED), ...HARMLESS];
  expect(classified.toSorted()).toEqual(Object.keys(template.Parameters).toSorted());
});

describe('a deployment onto a stack that stands', () => {
  it('goes on without a word where nothing changes', async () => {
    stand('eu-west-1', standard);
    await expect(deploy()).resolves.toEqual([]);
  });

  it('stops where it would have an observing stack write, and prints the words for both ways', async () => {
    stand('eu-west-1', { ...standard, policy: 'observe', owner: 'the shop' });
    const stopped = await deploy().catch(String);
    expect(stopped).toContain('policy: observe -> sync');
    expect(stopped).toContain(ASKED['policy']);
    expect(stopped).toContain('owner: the shop -> (empty)');
    expect(stopped).toContain("add: --param 'owner=the shop' --param policy=observe\n");
    expect(stopped).toContain('under `dev`');
    expect(stopped).toContain('say: --accept owner,policy\n');
  });

  it('goes on once the change is accepted by name, and says what it is', async () => {
    stand('eu-west-1', { ...standard, policy: 'observe', logLevel: 'debug' });
    await expect(deploy({}, { accept: 'policy' })).resolves.toEqual([
      'Parameters that change: policy: observe -> sync; logLevel: debug -> info',
    ]);
    await expect(deploy({ policy: 'observe' })).resolves.toEqual([
      'Parameters that change: logLevel: debug -> info',
    ]);
  });

  it('asks only for what is not accepted, and takes an acceptance that is not needed', async () => {
    stand('eu-west-1', { ...standard, policy: 'observe', profile: 'registrator' });
    const stopped = await deploy({}, { accept: 'policy, owner' }).catch(String);
    expect(stopped).toContain('profile: registrator -> ecs');
    expect(stopped).not.toContain('policy: ');
    expect(stopped).toContain('say: --accept policy,owner,profile\n');
  });

  it('keeps nothing of what was packaged before: that is packaged again', async () => {
    stand('eu-west-1', { ...standard, policy: 'observe' });
    await expect(deploy({}, { package: 'made' })).rejects.toThrow(
      'package again, and add: --param policy=observe',
    );
  });

  it('refuses to accept what there is not', async () => {
    stand('eu-west-1', { ...standard, policy: 'observe' });
    await expect(deploy({}, { accept: 'policy,polcy' })).rejects.toThrow(
      '--accept polcy: there is no such parameter.',
    );
  });

  it('stops at each parameter that is asked about, and at no harmless one', async () => {
    for (const name of Object.keys(ASKED)) {
      stand('eu-west-1', { ...standard, [name]: 'before' });
      await expect(deploy(), name).rejects.toThrow(`--accept ${name}`);
    }
    for (const name of HARMLESS) {
      stand('eu-west-1', { ...standard, [name]: 'before' });
      await expect(deploy(), name).resolves.toHaveLength(
        template.Parameters[name]?.['NoEcho'] === true ? 0 : 1,
      );
    }
  });

  it('says nothing of secrets, nor of a password that an earlier version took in an address', async () => {
    const eurekaUrl = 'http://user:hunter2@eureka:8761/eureka/,http://b:hunter3@eureka:8761/';
    stand('eu-west-1', { ...standard, eurekaUrl, consulHttpToken: 'hunter4' });
    const stopped = await deploy().catch(String);
    expect(stopped).toContain('//***@eureka:8761/eureka/');
    expect(stopped).not.toMatch(/hunter/);
  });

  it('stops where it cannot read the stack', async () => {
    cloudFormation.on(DescribeStacksCommand).rejects(new Error('AccessDenied: not authorized'));
    await expect(deploy({}, { accept: 'policy' })).rejects.toThrow(
      /could not be read: .*not authorized[\s\S]*cloudformation:DescribeStacks/,
    );
  });

  it('stops without credentials in the framework’s words alone', async () => {
    const error = Object.assign(new Error('not found'), { code: 'AWS_CREDENTIALS_NOT_FOUND' });
    cloudFormation.on(DescribeStacksCommand).rejects(error);
    await expect(deploy()).rejects.toBe(error);
  });
});

describe('changesOf', () => {
  const declared = {
    policy: { Default: 'sync' },
    deleteLimit: { Default: 50 },
    consulHttpSsl: { Default: true },
    token: { Default: 'ssm:/token', NoEcho: true },
  };

  it('compares numbers and truths as CloudFormation writes them', () => {
    expect(
      changesOf({ policy: 'sync', deleteLimit: '50', consulHttpSsl: 'true' }, declared),
    ).toEqual({ asked: [], harmless: [] });
  });

  it('takes no parameter for a change that the stack has not had, or that CloudFormation hides', () => {
    expect(changesOf({ token: '****' }, declared)).toEqual({ asked: [], harmless: [] });
  });

  it('asks about what this version of the template does not know: it would be lost', () => {
    expect(changesOf({ nameTemplate: '{service}' }, declared).asked).toEqual([
      { name: 'nameTemplate', before: '{service}', after: undefined },
    ]);
  });
});

describe('a parameter that goes', () => {
  it('can be accepted, and not be kept', async () => {
    stand('eu-west-1', { ...standard, nameCase: 'lower' });
    const stopped = await deploy().catch(String);
    expect(stopped).toContain('nameCase: lower -> (this version has none)');
    expect(stopped).not.toContain('--param');
    await expect(deploy({}, { accept: 'nameCase' })).resolves.toHaveLength(1);
  });
});

describe('a first deployment', () => {
  it('is asked nothing, whatever it is given', async () => {
    stand('nowhere', {});
    await expect(deploy({ policy: 'observe', owner: 'shop' })).resolves.toEqual([]);
  });

  it.each(['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE', 'DELETE_COMPLETE'])(
    'is one too where %s is all that is left',
    async (status) => {
      stand('eu-west-1', { ...standard, policy: 'observe' }, status);
      await expect(deploy()).resolves.toEqual([]);
    },
  );

  it('stops where a stack of its name stands in us-east-1, and says what to do', async () => {
    stand('us-east-1', standard);
    const stopped = await deploy().catch(String);
    expect(stopped).toContain('There is no stack rollcall-dev in eu-west-1, and one in us-east-1');
    expect(stopped).toContain('--region us-east-1');
    expect(stopped).toContain('remove --stage dev --region us-east-1');
    await expect(deploy({}, { accept: 'second-stack' })).resolves.toEqual([]);
  });

  it('does not, where what is there was never made', async () => {
    stand('us-east-1', standard, 'ROLLBACK_COMPLETE');
    await expect(deploy()).resolves.toEqual([]);
  });

  it('in us-east-1 itself asks for no other', async () => {
    stand('nowhere', {});
    await deploy({}, { region: 'us-east-1' });
    expect(cloudFormation.calls()).toHaveLength(1);
  });

  it('goes on with a warning where us-east-1 may not be asked', async () => {
    cloudFormation.on(DescribeStacksCommand).callsFake(async (_, getClient) => {
      const isThere = (await getClient().config.region()) === 'us-east-1';
      throw new Error(isThere ? 'AccessDenied' : 'Stack does not exist');
    });
    await expect(deploy()).resolves.toEqual([expect.stringContaining('AccessDenied')]);
  });
});
