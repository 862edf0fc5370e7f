import { beforeAll, describe, expect, it } from 'vitest';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import { parameterSets } from '../../../scripts/stack/parameter-sets.ts';
import { at, deployed, type Parameters, type Template } from '../../../scripts/stack/template.ts';
import { rightsOf } from './rights.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

const READERS = ['ResolveRole', 'InspectRole'];
const WRITING = {
  secretArns: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:writes-AbCdEf',
  parameterArns: 'arn:aws:ssm:eu-west-1:123456789012:parameter/writes',
};
const READING =
  'arn:aws:secretsmanager:eu-west-1:123456789012:secret:reads-AbCdEf,arn:aws:ssm:eu-west-1:123456789012:parameter/reads';

/** What the role may read of secrets and parameters, as one text. */
const secretsOf = (stack: Template, role: string) =>
  rightsOf(stack)
    .filter((right) => right.role === role && right.effect === 'Allow')
    .filter(({ action }) => ['secretsmanager:GetSecretValue', 'ssm:GetParameter'].includes(action))
    .map(({ resource }) => resource)
    .join();

describe('what only reads registries', () => {
  it('has no right to what writes, whatever is chosen', () => {
    for (const given of parameterSets(template)) {
      const stack = deployed(template, { ...given, ...WRITING });
      expect(secretsOf(stack, 'ReconcileRole')).toContain(WRITING.secretArns);
      expect(secretsOf(stack, 'ReconcileRole')).toContain(WRITING.parameterArns);
      for (const role of READERS) expect(secretsOf(stack, role)).not.toContain('writes');
    }
  });

  it('may read what is named for it, and nobody else may', () => {
    const stack = deployed(template, { resolveSecretArns: READING });
    for (const role of READERS) expect(secretsOf(stack, role)).toContain(READING);
    for (const role of ['OnTaskEventRole', 'ReconcileRole', 'OperateRole'])
      expect(secretsOf(stack, role)).not.toContain('reads');
  });

  it.each([
    ['Resolve', ['ROLLCALL_RESOLVE_CONSUL_TOKEN', 'ROLLCALL_RESOLVE_EUREKA_URL']],
    ['Inspect', ['ROLLCALL_RESOLVE_CONSUL_TOKEN', 'ROLLCALL_RESOLVE_EUREKA_URL']],
    ['Reconcile', ['CONSUL_HTTP_TOKEN']],
    ['OnTaskEvent', ['CONSUL_HTTP_TOKEN']],
    ['Operate', ['CONSUL_HTTP_TOKEN']],
    ['Renew', []],
  ])('is told of its own credentials alone: %s', (name, credentials) => {
    const { Variables } = at(
      template.Resources[`${name}LambdaFunction`]?.Properties,
      'Environment',
    ) as { Variables: object };
    const all = /^(CONSUL_HTTP_TOKEN|ROLLCALL_RESOLVE_CONSUL_TOKEN|ROLLCALL_RESOLVE_EUREKA_URL)$/;
    expect(Object.keys(Variables).filter((key) => all.test(key))).toEqual(credentials);
  });
});

describe('the resolver', () => {
  const made = (given: Parameters) =>
    Object.keys(deployed(template, given).Resources).filter((name) =>
      /resolve(?!Secrets)|httpapi/i.test(name),
    );

  it('is not there at all where it is off, nor is a word of it in the outputs', () => {
    expect(made({ resolver: 'off' })).toEqual([]);
    const { Outputs } = deployed(template, { resolver: 'off' });
    expect(Object.keys(Outputs)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/resolver|api/i)]),
    );
    for (const [name, { Properties }] of Object.entries(
      deployed(template, { resolver: 'off', ...WRITING, resolveSecretArns: READING }).Resources,
    ))
      expect([name, JSON.stringify(Properties)]).toEqual([
        name,
        expect.not.stringMatching(/ResolveRole|ResolveLambda|HttpApi/),
      ]);
  });

  it('is a function without an HTTP API where others stand before it', () => {
    const names = made({ resolver: 'function-only' });
    expect(names).toContain('ResolveLambdaFunction');
    expect(names.filter((name) => /http/i.test(name))).toEqual([]);
  });

  it('keeps instances free, and no more than those, only where it is asked to', () => {
    const of = (given: Parameters) =>
      deployed(template, given).Resources['ResolveLambdaFunction']?.Properties[
        'ReservedConcurrentExecutions'
      ];
    expect(of({})).toBeUndefined();
    expect(of({ resolveReservedConcurrency: '50' })).toBe('50');
  });

  it('answers at its own address unless that is closed, and then no output names it', () => {
    const closed = { disableExecuteApiEndpoint: 'true' };
    const of = (given: Parameters) =>
      deployed(template, given).Resources['HttpApi']?.Properties['DisableExecuteApiEndpoint'];
    expect([of({}), of(closed)]).toEqual([false, true]);
    expect(Object.keys(deployed(template, closed).Outputs)).not.toContain('Resolver');
  });
});
