import { afterEach, describe, expect, it, vi } from 'vitest';
import { realRegistries, replaceEnvironment } from '../../../local/environment.ts';

afterEach(() => vi.unstubAllEnvs());

describe('the local environment', () => {
  it("holds none of the user's variables, and gives them back", () => {
    vi.stubEnv('AWS_PROFILE', 'production');
    vi.stubEnv('CONSUL_HTTP_ADDR', 'consul.example:8500');
    vi.stubEnv('ROLLCALL_POLICY', 'sync');
    const restore = replaceEnvironment({ AWS_REGION: 'eu-central-1' });
    const { AWS_PROFILE, CONSUL_HTTP_ADDR, ROLLCALL_POLICY, AWS_REGION } = process.env;
    expect([AWS_PROFILE, CONSUL_HTTP_ADDR, ROLLCALL_POLICY, AWS_REGION]).toEqual([
      undefined,
      undefined,
      undefined,
      'eu-central-1',
    ]);
    restore();
    expect(process.env).toMatchObject({
      AWS_PROFILE: 'production',
      CONSUL_HTTP_ADDR: 'consul.example:8500',
    });
    expect(process.env['AWS_REGION']).toBeUndefined();
  });

  it('takes of real registries what it takes to be let in, and only of those that are named', () => {
    const env = {
      CONSUL_HTTP_TOKEN: 't',
      CONSUL_HTTP_ADDR: 'c:8500',
      AWS_PROFILE: 'p',
      ROLLCALL_OWNER: 'o',
    };
    expect(realRegistries(env)).toEqual({
      CONSUL_HTTP_TOKEN: 't',
      CONSUL_HTTP_ADDR: 'c:8500',
      ROLLCALL_RESOLVE_CONSUL_TOKEN: 't',
    });
    expect(realRegistries({ CONSUL_HTTP_TOKEN: 't' })).toEqual({});
  });
});
