import { beforeAll, describe, expect, it } from 'vitest';
import { check, RULES } from '../../../../scripts/stack/checker/check.ts';
import { packageStack } from '../../../../scripts/stack/package-stack.ts';
import { parameterSets } from '../../../../scripts/stack/parameter-sets.ts';
import { resolve } from '../../../../scripts/stack/resolve.ts';
import type { Template } from '../../../../scripts/stack/template.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

describe('the template', () => {
  it('is one that AWS takes, under every parameter set', () => {
    const sets = parameterSets(template);
    expect(sets.length).toBeGreaterThan(500);
    const findings = sets.map((given) => [given, check(resolve(template, given))] as const);
    expect(findings.filter(([, found]) => found.length > 0)).toEqual([]);
  });

  it.each([
    ['rolePath', '/a!b/'],
    ['rolePath', '//'],
    ['rolePath', `/${'a'.repeat(511)}/`],
    ['subnetIds', Array.from({ length: 17 }, (_, at) => `subnet-${at}`).join()],
    ['securityGroupIds', Array.from({ length: 6 }, (_, at) => `sg-${at}`).join()],
  ])('refuses at once a %s that AWS would refuse later', (name, value) => {
    const given = { subnetIds: 'subnet-1', securityGroupIds: 'sg-1', [name]: value };
    expect(check(resolve(template, given))).not.toEqual([]);
    const { AllowedPattern, MaxLength = Infinity } = template.Parameters[name] ?? {};
    const isTaken =
      new RegExp(`^(?:${AllowedPattern})$`).test(value) && value.length <= Number(MaxLength);
    expect(isTaken).toBe(false);
  });
});

it('every rule has a test that breaks it', async () => {
  const { BROKEN } = await import('./broken.ts');
  expect([...new Set(BROKEN.map(({ rule }) => rule))].toSorted()).toEqual(
    Object.keys(RULES).toSorted(),
  );
});
