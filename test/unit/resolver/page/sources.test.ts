import { afterEach, expect, it, vi } from 'vitest';
import { loadConfig } from '../../../../shared/config/load.ts';
import { pageSources } from '../../../../shared/resolver/page/sources.ts';
import { directory } from '../../../support/page-scene.ts';

afterEach(() => vi.unstubAllEnvs());

const url = 'http://127.0.0.1:18081/control';

it.each([
  [
    'in AWS, by the stack’s function',
    { AWS_LAMBDA_FUNCTION_NAME: 'rollcall-prod-resolve', AWS_REGION: 'eu-west-1' },
    { stack: 'rollcall-prod', region: 'eu-west-1' },
  ],
  [
    'in a function that is named otherwise, by nothing',
    { AWS_LAMBDA_FUNCTION_NAME: 'mine' },
    undefined,
  ],
  ['in the local run, by its address', { LOCAL_CONTROL_URL: url }, { url }],
  ['in a plain process, by nothing', {}, undefined],
])('the operator’s functions are reached %s', async (_, environment, admin) => {
  const settings = {
    ROLLCALL_OWNER: 'o',
    ROLLCALL_NAMESPACE: 'n',
    ROLLCALL_RESOLVE_ACCESS: 'open',
  };
  const sources = pageSources(
    await loadConfig(settings, async (reference) => reference),
    directory('cloudmap', { content: {} }),
  );
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  expect(sources.admin).toEqual(admin);
});

it('are of the stage and version that the deployment says, and read its own registry once', async () => {
  vi.stubEnv('npm_package_version', '1.2.3');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  const settings = {
    ROLLCALL_OWNER: 'o',
    ROLLCALL_NAMESPACE: 'n',
    ROLLCALL_RESOLVE_ACCESS: 'open',
    ROLLCALL_STAGE: 'dev',
  };
  const own = directory('cloudmap', { content: {} });
  const sources = pageSources(await loadConfig(settings, async (reference) => reference), own);
  expect(sources).toMatchObject({
    owner: 'o',
    stage: 'dev',
    region: 'eu-west-1',
    version: '1.2.3',
  });
  expect(await sources.directories()).toEqual([own]);
});
