import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import {
  at,
  deployed,
  list,
  ofType,
  type Template,
  text,
} from '../../../scripts/stack/template.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

const property = (name: string, ...path: (string | number)[]) =>
  at(template.Resources[name]?.Properties, ...path);

describe('the HTTP API', () => {
  const route = (resolveAccess?: string) =>
    deployed(template, resolveAccess ? { resolveAccess } : {}).Resources['HttpApiRouteDefault']
      ?.Properties;

  it('sends every path to the resolver', () => {
    expect(
      ofType(template, 'AWS::ApiGatewayV2::Route').map(
        ([, { Properties }]) => Properties['RouteKey'],
      ),
    ).toEqual(['$default']);
  });

  it('is closed by default, by the token that the resolver checks', () => {
    expect(deployed(template).Resources['ResolveLambdaFunction']?.Properties).toMatchObject({
      Environment: { Variables: { ROLLCALL_RESOLVE_ACCESS: 'token' } },
    });
    expect(property('ResolveToken', 'GenerateSecretString')).toEqual({
      PasswordLength: 40,
      ExcludePunctuation: true,
    });
  });

  it('asks for signed requests where access is by IAM', () => {
    expect([route(), route('iam'), route('open')].map((one) => one?.['AuthorizationType'])).toEqual(
      ['NONE', 'AWS_IAM', 'NONE'],
    );
  });

  it('is throttled whatever is chosen', () => {
    for (const resolveAccess of ['token', 'iam', 'open']) {
      const stage = deployed(template, { resolveAccess }).Resources['HttpApiStage']?.Properties;
      expect(stage?.['DefaultRouteSettings']).toEqual({
        DetailedMetricsEnabled: false,
        ThrottlingRateLimit: '100',
        ThrottlingBurstLimit: '200',
      });
    }
    expect(at(template.Parameters['resolveRate'], 'MinValue')).toBe(1);
  });
});

describe('parameters', () => {
  it('all have a default, so that nothing must be said', () => {
    for (const [name, one] of Object.entries(template.Parameters))
      expect([name, typeof one['Default']]).toEqual([name, 'string']);
  });

  it('have defaults that they themselves allow', () => {
    for (const [name, { Default, AllowedPattern, AllowedValues }] of Object.entries(
      template.Parameters,
    )) {
      if (typeof AllowedPattern === 'string')
        expect([name, new RegExp(`^(?:${AllowedPattern})$`).test(String(Default))]).toEqual([
          name,
          true,
        ]);
      if (AllowedValues) expect(list(AllowedValues)).toContain(Default);
    }
  });

  it.each([
    'consulHttpToken',
    ...['consul', 'eureka'].flatMap((one) => [
      `${one}ClientKey`,
      `${one}ClientCert`,
      `${one}Cacert`,
    ]),
  ])('%s takes references and no secrets', (name) => {
    const pattern = new RegExp(String(at(template.Parameters[name], 'AllowedPattern')));
    expect(pattern.test('secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:a')).toBe(true);
    expect(pattern.test('ssm:/consul/token')).toBe(true);
    expect(pattern.test('b1gs3cr3t-0000-4000-8000-000000000000')).toBe(false);
    expect(pattern.test('-----BEGIN PRIVATE KEY-----')).toBe(false);
  });

  it.each(['consulHttpAddr', 'eurekaUrl'])('%s takes no password in a URL', (name) => {
    const pattern = new RegExp(String(at(template.Parameters[name], 'AllowedPattern')));
    expect(pattern.test('http://10.0.0.5:8761/eureka/,http://10.0.0.6:8761/eureka/')).toBe(true);
    expect(pattern.test('http://user:password@10.0.0.5:8761/eureka/')).toBe(false);
  });

  it('take what is given when the stack is packaged', async () => {
    const packaged = await packageStack({
      registries: 'consul,eureka',
      consulHttpAddr: 'consul.internal:8500',
      deleteLimit: '20',
    });
    const defaults = Object.entries(packaged.Parameters).map(([name, one]) => [
      name,
      one['Default'],
    ]);
    expect(Object.fromEntries(defaults)).toMatchObject({
      registries: 'consul,eureka',
      consulHttpAddr: 'consul.internal:8500',
      deleteLimit: '20',
    });
  });
});

it('the stack says which version it is', async () => {
  const { version } = JSON.parse(
    await readFile(resolve(import.meta.dirname, '../../../package.json'), 'utf8'),
  );
  expect(template.Description).toBe(
    `Rollcall ${version}, service discovery for Amazon ECS (stage dev)`,
  );
});

describe('outputs', () => {
  it('name every function that stands, as the command finds them', () => {
    const functions = (parameters: Record<string, string>) =>
      list(at(deployed(template, parameters).Outputs['Functions']?.Value, 'Fn::Join', 1)).map(
        (one) => at(one, 'Ref'),
      );
    const deployedOnes = (parameters: Record<string, string>) =>
      ofType(deployed(template, parameters), 'AWS::Lambda::Function').map(([id]) => id);
    for (const parameters of [{}, { registries: 'eureka' }]) {
      const found = functions(parameters);
      expect(found.toSorted()).toEqual(deployedOnes(parameters).toSorted());
    }
  });

  it('say what to try next', () => {
    const { Outputs } = deployed(template);
    expect(text(Outputs['Plan']?.Value ?? '')).toContain(`aws lambda invoke`);
    expect(text(Outputs['ResolverToken']?.Value ?? '')).toContain(
      'aws secretsmanager get-secret-value',
    );
    expect(text(Outputs['TryResolver']?.Value ?? '')).toMatch(
      /^curl -H "Authorization: Bearer .*\/services$/,
    );
    expect(Outputs['Namespace']?.Value).toBe('rollcall-dev');
    expect(Outputs['Version']?.Value).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it.each([
    ['token', /^curl -H "Authorization: Bearer \$\(aws secretsmanager .*\)" https:.*\/services$/],
    ['iam', /^curl --aws-sigv4 "aws:amz:<AWS::Region>:execute-api" .* https:.*\/services$/],
    ['open', /^curl https:\/\/<HttpApi>\S*\/services$/],
  ])('ask the resolver as access by %s demands', (resolveAccess, command) => {
    const { Outputs } = deployed(template, { resolveAccess });
    expect(text(Outputs['TryResolver']?.Value ?? '')).toMatch(command);
  });

  it('print the plan as text, or what kept it from being made', () => {
    expect(text(deployed(template).Outputs['Plan']?.Value ?? '')).toMatch(
      / && jq -r '\.text \/\/ \.' /,
    );
  });

  it('do not tell the token itself', () => {
    expect(JSON.stringify(template.Outputs)).not.toContain('resolve:secretsmanager');
  });
});
