import { expect, it } from 'vitest';
import { packageStack } from '../../../../scripts/stack/package-stack.ts';
import { resolve } from '../../../../scripts/stack/resolve.ts';

it('fills in a parameter within a text, whether it is given or the template’s own default', async () => {
  const template = await packageStack();
  const baked = {
    ...template,
    Parameters: { ...template.Parameters, vpcId: { ...template.Parameters['vpcId'], Default: 'vpc-1' } },
  };
  for (const { resources } of [resolve(template, { vpcId: 'vpc-1' }), resolve(baked)])
    expect(resources['PrivateNamespace']?.Properties['Description']).toBe(
      'ECS tasks in vpc-1, kept by rollcall-production',
    );
});
