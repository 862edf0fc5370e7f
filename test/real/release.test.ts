import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cdkModules } from '../../scripts/real/cdk.ts';
import { release } from '../../scripts/release.ts';
import { withReal } from './real.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
/** What a release is made of, as git has it. */
const PARTS = [
  'command',
  'functions',
  'local',
  'scripts',
  'shared',
  'stack',
  'package.json',
  'package-lock.json',
  'serverless.yml',
];
const NAME = 'rollcall-0.1.0';

interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default?: string }>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: object;
}
interface Resource {
  readonly Type: string;
  readonly DependsOn?: string | readonly string[];
  readonly Properties?: {
    readonly Code?: { readonly S3Key?: string; readonly S3Bucket?: unknown };
  };
}

let folder: string;
const made: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-release-'));
  // One after the other, at different times and in different places.
  for (const place of ['one', 'somewhere/else']) {
    const root = join(folder, place);
    for (const part of PARTS) await cp(join(ROOT, part), join(root, part), { recursive: true });
    // Hard links: a package’s place in the tree is part of what a bundler sees.
    await run('cp', ['-al', join(ROOT, 'node_modules'), join(root, 'node_modules')]);
    const out = join(root, NAME);
    await release({ root, out, stage: 'prod', commit: '0'.repeat(40) });
    made.push(out);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = async (name: string, at = 0) => readFile(join(made[at] ?? '', name), 'utf8');
const template = async (): Promise<Template> => JSON.parse(await read('rollcall.json'));

describe('a release', () => {
  it('is the same to the byte wherever and whenever it is made', async () => {
    expect(await readdir(made[1] ?? '')).toEqual(await readdir(made[0] ?? ''));
    expect(await read('SHA256SUMS', 1)).toBe(await read('SHA256SUMS'));
  });

  it('has a checksum of each file that it holds, which is true', async () => {
    const lines = (await read('SHA256SUMS')).trim().split('\n');
    const files = (await readdir(made[0] ?? '')).filter((name) => name !== 'SHA256SUMS');
    expect(lines.map((line) => line.split('  ')[1])).toEqual(files.toSorted());
    for (const line of lines) {
      const [sum, name = ''] = line.split('  ');
      const bytes = await readFile(join(made[0] ?? '', name));
      expect([name, createHash('sha256').update(bytes).digest('hex')]).toEqual([name, sum]);
    }
  });

  it('takes the code of every function from the bucket that is given, under a key that tells the zip', async () => {
    const { Parameters, Resources, Outputs } = await template();
    expect(Parameters['codeBucket']).toMatchObject({ Type: 'String' });
    expect(JSON.stringify([Resources, Outputs])).not.toContain('ServerlessDeploymentBucket');
    const functions = Object.values(Resources).filter(
      ({ Type }) => Type === 'AWS::Lambda::Function',
    );
    const files = await readdir(made[0] ?? '');
    expect(functions).toHaveLength(6);
    for (const { Properties } of functions) {
      expect(Properties?.Code?.S3Bucket).toEqual({ Ref: 'codeBucket' });
      const [version, file = ''] = (Properties?.Code?.S3Key ?? '').split('/');
      expect([version, files.includes(file)]).toEqual([NAME, true]);
    }
  });

  it('has the command, which runs without anything beside it', async () => {
    const { stdout } = await run(process.execPath, [join(made[0] ?? '', 'rollcall.mjs'), '--help']);
    expect(stdout).toContain('explain <task|service>');
  });
});

await withReal('AWS’s CDK', cdkModules, (modules) =>
  describe('the CDK example', () => {
    it('comes to every resource of the release as it is, but for where the code lies', async () => {
      const [, code = ''] =
        /<!-- cdk -->\s*```ts\n([\s\S]*?)```/.exec(
          await readFile(join(ROOT, 'docs/releasing.md'), 'utf8'),
        ) ?? [];
      const home = join(folder, 'cdk');
      await cp(made[0] ?? '', join(home, NAME), { recursive: true });
      await symlink(modules, join(home, 'node_modules'));
      await writeFile(join(home, 'app.mjs'), `${code}\napp.synth();\n`);
      const env = { PATH: process.env['PATH'], HOME: home, CDK_OUTDIR: join(home, 'out') };
      await run(process.execPath, ['app.mjs'], { cwd: home, env, maxBuffer: 2 ** 26 });
      const synthesised: Template = JSON.parse(
        await readFile(join(home, 'out/rollcall-prod.template.json'), 'utf8'),
      );
      const { Resources } = await template();
      expect(Object.keys(synthesised.Resources).sort()).toEqual(Object.keys(Resources).sort());
      for (const [id, resource] of Object.entries(Resources))
        expect(comparable(synthesised.Resources[id]), id).toEqual(comparable(resource));
      expect(synthesised.Parameters['policy']?.Default).toBe('observe');
    });
  }),
);

/** Without the code’s place; what a resource waits for has no order. */
const comparable = (resource: Resource | undefined) => {
  const { DependsOn, Properties, ...rest } = resource ?? { Type: 'none' };
  const { Code: _, ...properties } = Properties ?? {};
  return { ...rest, DependsOn: [DependsOn ?? []].flat().toSorted(), properties };
};
