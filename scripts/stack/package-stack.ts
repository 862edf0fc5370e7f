import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  cp,
  glob,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Parameters, Template } from './template.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, '.cache/stack');
/** Any would do: the template is the same for all of them. */
const REGION = 'eu-central-1';
const PARTS = ['serverless.yml', 'package.json', 'package-lock.json', 'stack', 'scripts', 'shared'];
/** What the template is made of; the rest of scripts/ has no part in it. */
const READ = [
  'serverless.yml',
  'package*.json',
  'stack/**/*.{yml,ts}',
  'scripts/{bundle,serverless}{,/**/*}.ts',
  'shared/{config/settings,model/registration}.ts',
];

/**
 * The template that `serverless package` writes for these parameters, without credentials or
 * network. Packaging takes seconds, so what comes of the same files is kept in .cache.
 */
export const packageStack = async (params: Parameters = {}): Promise<Template> => {
  const kept = join(CACHE, `${await digest(params)}.json`);
  const json = await readFile(kept, 'utf8').catch(async () => {
    const made = await packaged(params);
    await mkdir(CACHE, { recursive: true });
    // Several ask side by side: what is there is whole.
    const own = `${kept}.${randomUUID()}`;
    await writeFile(own, made);
    await rename(own, kept);
    return made;
  });
  return JSON.parse(json);
};

/** As the files in `functions/` are called. */
export const functionNames = async () =>
  (await readdir(join(ROOT, 'functions'))).map((name) => basename(name, '.ts')).sort();

const digest = async (params: Parameters) => {
  const hash = createHash('sha256').update(JSON.stringify([params, await functionNames()]));
  const files: string[] = [];
  for await (const file of glob(READ, { cwd: ROOT })) files.push(file);
  for (const file of files.sort()) hash.update(file).update(await readFile(join(ROOT, file)));
  return hash.digest('hex');
};

/**
 * Made in a copy, with empty functions: what they hold is of no matter here, and the work tree is
 * left alone.
 */
const packaged = async (params: Parameters) => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-stack-'));
  try {
    await copyService(folder);
    const given = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`);
    const bin = join(ROOT, 'node_modules/.bin');
    await promisify(execFile)(join(bin, 'serverless'), ['package', '--region', REGION, ...given], {
      cwd: folder,
      env: { PATH: `${bin}:${process.env['PATH']}`, HOME: folder },
    });
    return await readFile(
      join(folder, '.serverless/cloudformation-template-update-stack.json'),
      'utf8',
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** What the framework needs to read the service, with functions that do nothing. */
export const copyService = async (folder: string) => {
  for (const part of PARTS) await cp(join(ROOT, part), join(folder, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await mkdir(join(folder, 'functions'));
  for (const name of await functionNames())
    await writeFile(
      join(folder, 'functions', `${name}.ts`),
      'export const handler = async () => {};\n',
    );
};
