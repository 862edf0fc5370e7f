import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import Region from '../../../scripts/serverless/region.ts';
import { copyService } from '../../../scripts/stack/package-stack.ts';

const PROFILES = `
[default]
region = eu-north-1
[profile shop]
region = eu-south-1
[profile prod]
region = eu-south-2
[profile bare]
output = json
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-region-'));
  await writeFile(join(folder, 'config'), PROFILES);
});
afterAll(() => rm(folder, { recursive: true }));

const VARIABLES = [
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_PROD_PROFILE',
];

describe('the region of a command', () => {
  beforeEach(() => {
    for (const name of VARIABLES) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
    return () => vi.unstubAllEnvs();
  });

  /** What the framework goes by afterwards; it has written its own default before. */
  const regionOf = async (
    options: { readonly [name: string]: string } = {},
    environment: Readonly<Record<string, string>> = {},
    {
      isHelpRequest = false,
      written = 'us-east-1',
    }: { readonly isHelpRequest?: boolean; readonly written?: string } = {},
  ) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const provider = { region: written };
    const serverless = {
      service: { provider },
      processedInput: { isHelpRequest },
      classes: { Error },
    };
    await new Region(serverless, options).asyncInit();
    return provider.region;
  };

  it('is the first that is given: the option, the variables, the profile', async () => {
    const AWS_REGION = { AWS_REGION: 'eu-west-1' };
    const AWS_DEFAULT_REGION = { AWS_DEFAULT_REGION: 'eu-west-2' };
    const all = { ...AWS_REGION, ...AWS_DEFAULT_REGION, AWS_PROFILE: 'shop' };
    expect(await regionOf({ region: 'us-east-1' }, all)).toBe('us-east-1');
    expect(await regionOf({}, all)).toBe('eu-west-1');
    vi.stubEnv('AWS_REGION', undefined);
    expect(await regionOf()).toBe('eu-west-2');
    vi.stubEnv('AWS_DEFAULT_REGION', undefined);
    expect(await regionOf()).toBe('eu-south-1');
    vi.stubEnv('AWS_PROFILE', undefined);
    expect(await regionOf()).toBe('eu-north-1');
  });

  it('is that of the profile whose credentials the framework takes', async () => {
    const other = { AWS_PROFILE: 'shop' };
    expect(await regionOf({ 'aws-profile': 'prod' }, other)).toBe('eu-south-2');
    expect(await regionOf({ stage: 'prod' }, { ...other, AWS_PROD_PROFILE: 'prod' })).toBe(
      'eu-south-2',
    );
    expect(await regionOf({ stage: 'dev' })).toBe('eu-south-1');
  });

  it('that somebody has written into serverless.yml counts before the environment', async () => {
    const environment = { AWS_REGION: 'eu-west-1' };
    expect(await regionOf({}, environment, { written: 'eu-west-3' })).toBe('eu-west-3');
    expect(await regionOf({ region: 'eu-west-2' }, environment, { written: 'eu-west-3' })).toBe(
      'eu-west-2',
    );
  });

  it('is refused where there is none, and where it is none', async () => {
    const bare = { AWS_PROFILE: 'bare' };
    await expect(regionOf({}, bare)).rejects.toThrow('No region is given, and none is guessed.');
    await expect(regionOf({}, { AWS_PROFILE: 'nobody' })).rejects.toThrow('No region is given');
    for (const wrong of ['eu-central', 'Frankfurt', 'eu-central-1a'])
      await expect(regionOf({ region: wrong })).rejects.toThrow(`"${wrong}" is no region`);
  });

  it.each(['us-gov-west-1', 'cn-north-1', 'eusc-de-east-1', 'us-isob-east-1', 'mx-central-1'])(
    'may be %s',
    async (region) => {
      expect(await regionOf({ region })).toBe(region);
    },
  );

  it('is not asked for where help is', async () => {
    await expect(
      regionOf({}, { AWS_PROFILE: 'bare' }, { isHelpRequest: true }),
    ).resolves.toBeDefined();
  });
});

describe('the framework itself', () => {
  let service: string;
  beforeAll(async () => {
    service = await mkdtemp(join(tmpdir(), 'rollcall-region-'));
    await copyService(service);
  });
  afterAll(() => rm(service, { recursive: true }));

  /** With nothing of the caller's own environment that says a region. */
  const serverless = (args: readonly string[], environment: Readonly<Record<string, string>>) => {
    const bin = join(service, 'node_modules/.bin');
    return promisify(execFile)(join(bin, 'serverless'), args, {
      cwd: service,
      env: { ...environment, PATH: `${bin}:${process.env['PATH']}`, HOME: service },
      maxBuffer: 16 * 1024 * 1024,
    });
  };

  it.each(['deploy', 'remove', 'info', 'package', 'print'])(
    'refuses to %s where no region is given, and asks nobody for credentials',
    async (command) => {
      await expect(serverless([command], {})).rejects.toMatchObject({
        code: 1,
        stdout: expect.stringContaining('No region is given, and none is guessed.'),
      });
    },
  );

  it('takes it from AWS_REGION, for all that it makes', async () => {
    await serverless(['package'], { AWS_REGION: 'eu-central-1' });
    const state = await readFile(join(service, '.serverless/serverless-state.json'), 'utf8');
    expect(JSON.parse(state).service.provider.region).toBe('eu-central-1');
  });
});
