import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  access,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '..');
const run = promisify(execFile);
/** Any would do: the template is the same for all of them. */
const REGION = 'eu-central-1';
/** Functions, rules and the API bear it in their names. */
const STAGE = 'prod';

export interface ReleaseOptions {
  /** The work tree that is released. */
  readonly root: string;
  /** Emptied first. */
  readonly out: string;
  readonly stage: string;
  /** Written down in the release. */
  readonly commit: string;
}

/**
 * Everything that a deployment needs without this repository: the template, a zip for each
 * function, the command as one file, what all of them hold, and checksums. The same commit makes
 * the same bytes, wherever and whenever it is made.
 */
export const release = async ({ root, out, stage, commit }: ReleaseOptions): Promise<void> => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const packed = await mkdtemp(join(tmpdir(), 'rollcall-release-'));
  try {
    await packageInto(packed, { root, stage });
    // After the framework, which bundles too: this bill counts the command in.
    await run(process.execPath, ['scripts/bundle.ts'], { cwd: root });
    for (const file of ['rollcall.mjs', 'sbom.cdx.json', 'licences.txt'])
      await copyFile(join(root, '.build', file), join(out, file));
    const keys = await copyZips(packed, out, version);
    const template = await readFile(
      join(packed, 'cloudformation-template-update-stack.json'),
      'utf8',
    );
    await writeFile(join(out, 'rollcall.json'), toReleased(JSON.parse(template), keys));
    await writeFile(
      join(out, 'RELEASE'),
      `rollcall ${version}\ncommit ${commit}\nstage ${stage}\n`,
    );
    await writeFile(join(out, 'SHA256SUMS'), await checksums(out));
  } finally {
    await rm(packed, { recursive: true, force: true });
  }
};

const packageInto = async (
  folder: string,
  { root, stage }: Pick<ReleaseOptions, 'root' | 'stage'>,
) => {
  const bin = join(root, 'node_modules/.bin');
  const args = ['package', '--stage', stage, '--region', REGION, '--package', folder];
  await run(join(bin, 'serverless'), args, {
    cwd: root,
    // Nobody's profile or parameters have a part in it.
    env: { PATH: `${bin}:${process.env['PATH']}`, HOME: folder },
  });
};

/** By the name that the framework gives a zip: the key that it has in the bucket. */
type Keys = ReadonlyMap<string, string>;

/** A key holds what the zip holds, so that CloudFormation sees when code has changed. */
const copyZips = async (from: string, out: string, version: string): Promise<Keys> => {
  const keys = new Map<string, string>();
  for (const name of (await readdir(from)).filter((one) => one.endsWith('.zip')).sort()) {
    const digest = sha256(await readFile(join(from, name))).slice(0, 16);
    const file = `${basename(name, '.zip')}-${digest}.zip`;
    await copyFile(join(from, name), join(out, file));
    keys.set(name, `rollcall-${version}/${file}`);
  }
  return keys;
};

interface PackagedTemplate {
  readonly Parameters: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, unknown>>;
  readonly Outputs: Readonly<Record<string, unknown>>;
}

const CODE_BUCKET = {
  Type: 'String',
  Description: 'The bucket, in the stack’s own region, that holds the release’s zips.',
};

/** The framework's own bucket makes room for one that is given. */
const toReleased = ({ Parameters, Resources, Outputs, ...rest }: PackagedTemplate, keys: Keys) => {
  const without = (shapes: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(shapes).filter(([name]) => !name.startsWith('ServerlessDeploymentBucket')),
    );
  const template = {
    ...rest,
    Parameters: { codeBucket: CODE_BUCKET, ...Parameters },
    Resources: without(Resources),
    Outputs: without(Outputs),
  };
  return `${JSON.stringify(template, (name, value) => released(name, value, keys), 2)}\n`;
};

const released = (name: string, value: unknown, keys: Keys): unknown => {
  if (name === 'S3Key' && typeof value === 'string') {
    const key = keys.get(basename(value));
    if (key === undefined) throw new Error(`template: expected a zip for ${value}, got none`);
    return key;
  }
  return Object(value).Ref === 'ServerlessDeploymentBucket' ? { Ref: 'codeBucket' } : value;
};

/** As `sha256sum --check SHA256SUMS` reads it. */
const checksums = async (folder: string): Promise<string> => {
  const files = (await readdir(folder)).filter((name) => name !== 'SHA256SUMS').sort();
  const lines = await Promise.all(
    files.map(async (name) => `${sha256(await readFile(join(folder, name)))}  ${name}\n`),
  );
  return lines.join('');
};

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A release is of a commit and of nothing else. */
const committed = async (): Promise<string> => {
  const git = async (...args: string[]) => (await run('git', args, { cwd: ROOT })).stdout.trim();
  const changed = await git('status', '--porcelain');
  if (changed !== '') throw new Error(`expected a clean work tree, got changes:\n${changed}`);
  const params = join(ROOT, 'params.yml');
  const isThere = await access(params).then(
    () => true,
    () => false,
  );
  if (isThere) throw new Error('params.yml: expected none, since its values would be the defaults');
  return git('rev-parse', 'HEAD');
};

const main = async () => {
  const { values } = parseArgs({ options: { stage: { type: 'string', default: STAGE } } });
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const out = join(ROOT, '.build/release', `rollcall-${version}`);
  await release({ root: ROOT, out, stage: values.stage, commit: await committed() });
  console.log(`${relative(ROOT, out)}:`);
  console.log(await readFile(join(out, 'SHA256SUMS'), 'utf8'));
};

if (process.argv[1] === import.meta.filename)
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
