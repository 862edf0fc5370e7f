import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Template } from './template.ts';

export const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * The template that `serverless package` writes for these parameters, without credentials or network. It is made
 * in a copy, with empty functions: what they hold is of no matter here, and the work tree is left alone.
 */
export const packageStack = async (params: Readonly<Record<string, string>> = {}): Promise<Template> => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-stack-'));
  try {
    await copyService(folder);
    const given = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`);
    await promisify(execFile)(join(ROOT, 'node_modules/.bin/serverless'), ['package', ...given], {
      cwd: folder,
      env: { PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`, HOME: folder },
    });
    const path = join(folder, '.serverless/cloudformation-template-update-stack.json');
    return JSON.parse(await readFile(path, 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const copyService = async (folder: string) => {
  for (const part of ['serverless.yml', 'package.json', 'stack', 'scripts'])
    await cp(join(ROOT, part), join(folder, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await mkdir(join(folder, 'functions'));
  for (const name of await functionNames())
    await writeFile(join(folder, 'functions', `${name}.ts`), 'export const handler = async () => {};\n');
};

/** As the files in `functions/` are called. */
export const functionNames = async () =>
  (await readdir(join(ROOT, 'functions'))).map((name) => basename(name, '.ts')).sort();
