import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parameterFaults, sectionFaults } from '../../../scripts/serverless/parameters.ts';
import { copyService } from '../../../scripts/stack/package-stack.ts';

const DECLARED = {
  policy: { Default: 'sync', AllowedValues: ['observe', 'sync'] },
  registries: { Default: 'a', AllowedValues: ['a', 'b', 'a,b', 'b,a'] },
  deleteLimit: { Default: 50, MinValue: 0, MaxValue: 100 },
  clusters: {
    Default: '',
    AllowedPattern: '^$|^[^\\s,]+$',
    MaxLength: 8,
    ConstraintDescription: 'clusters has no spaces, and at most 8 characters.',
  },
};

describe('--param', () => {
  it.each([
    ['polcy=observe', '--param polcy: there is no such parameter; is policy meant?'],
    ['Policy=observe', '--param Policy: there is no such parameter; is policy meant?'],
    ['vpc=1', '--param vpc: there is no such parameter; docs/configuration.md lists them'],
    [
      'constructor=1',
      '--param constructor: there is no such parameter; docs/configuration.md lists them',
    ],
    ['policy=observ', '--param policy: expected observe or sync, got "observ"'],
    ['registries=c', '--param registries: expected any of a, b, comma-separated, got "c"'],
    ['policy', '--param policy: expected observe or sync, got ""'],
    [
      'clusters=a b',
      '--param clusters: clusters has no spaces, and at most 8 characters. Got "a b".',
    ],
    [
      'clusters=abcdefghi',
      '--param clusters: clusters has no spaces, and at most 8 characters. Got "abcdefghi".',
    ],
    ['deleteLimit=101', '--param deleteLimit: expected at most 100. Got "101".'],
    ['deleteLimit=-1', '--param deleteLimit: expected at least 0. Got "-1".'],
    ['deleteLimit=half', '--param deleteLimit: expected a number. Got "half".'],
    ['deleteLimit=', '--param deleteLimit: expected a number. Got "".'],
  ])('%s is refused by name', (pair, fault) => {
    expect(parameterFaults(DECLARED, ['deleteLimit=20', pair])).toEqual([fault]);
  });

  it('takes what is declared and fits, with an equals sign in the value too', () => {
    expect(
      parameterFaults(DECLARED, ['policy=observe', 'clusters=', 'clusters=a=b', 'deleteLimit=1']),
    ).toEqual([]);
  });
});

describe('params of serverless.yml', () => {
  it('are refused by name, as those of the command line, in whatever stage they stand', () => {
    const sections = {
      default: { polcy: 'observe', deleteLimit: 20 },
      prod: { policy: 'observ' },
      dev: null,
    };
    expect(sectionFaults(DECLARED, sections)).toEqual([
      'params.default.polcy: there is no such parameter; is policy meant?',
      'params.prod.policy: expected observe or sync, got "observ"',
    ]);
  });

  it('may be variables, whose values only their own stage knows', () => {
    expect(sectionFaults(DECLARED, { prod: { clusters: `\${env:CLUSTERS, 'shop web'}` } })).toEqual(
      [],
    );
    expect(sectionFaults(DECLARED, { prod: { cluster: `\${env:CLUSTERS}` } })).toHaveLength(1);
  });
});

describe('params.yml', () => {
  /**
   * The policy with which this stage would be deployed, where these parameters lie beside
   * serverless.yml.
   */
  const policyIn = async (text: string, ...args: readonly string[]) => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-params-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await copyService(folder);
    await writeFile(join(folder, 'params.yml'), text);
    const { stdout } = await promisify(execFile)(
      join(folder, 'node_modules/.bin/serverless'),
      ['print', '--region', 'eu-central-1', '--format', 'json', ...args],
      { cwd: folder, maxBuffer: 16 * 1024 * 1024 },
    );
    return JSON.parse(stdout).resources.Parameters.policy.Default;
  };

  it('holds values for all stages and for one; those of the command line win', async () => {
    const text = 'default:\n  policy: observe\nprod:\n  policy: create-only\n';
    expect(await policyIn(text)).toBe('observe');
    expect(await policyIn(text, '--stage', 'prod')).toBe('create-only');
    expect(await policyIn(text, '--stage', 'prod', '--param', 'policy=sync')).toBe('sync');
  });

  it('is refused with what it mistypes', async () => {
    await expect(policyIn('default:\n  polcy: observe\n')).rejects.toMatchObject({
      stdout: expect.stringContaining(
        'params.default.polcy: there is no such parameter; is policy meant?',
      ),
    });
  });
});
