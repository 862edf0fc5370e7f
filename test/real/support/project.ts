import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Parameters, Template } from '../../../scripts/stack/template.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BIN = join(ROOT, 'node_modules/.bin');
const PARTS = [
  'serverless.yml',
  'package.json',
  'package-lock.json',
  'stack',
  'scripts',
  'functions',
  'shared',
];

export const REGION = 'eu-central-1';
/** `rollcall-<stage>`, of the stage that is the framework's default. */
export const STACK = 'rollcall-dev';

/**
 * The project as it is, in a folder of its own: `.serverless` and `.build` of the work tree are
 * left alone.
 */
export interface Project {
  readonly folder: string;
  /**
   * `npx serverless <command>`, with what it printed; `accept` names changes of a standing stack.
   * Rejects where it fails.
   */
  serverless(
    command: 'package' | 'deploy' | 'remove',
    params?: Parameters,
    accept?: string,
  ): Promise<string>;
  /** What the last `package` or `deploy` made. */
  template(): Promise<Template>;
  remove(): Promise<void>;
}

/**
 * @param environment leads to the account: endpoint and credentials. Nothing of the caller's own is
 * passed on.
 */
export const copyProject = async (
  environment: Readonly<Record<string, string>> = {},
): Promise<Project> => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-project-'));
  for (const part of PARTS) await cp(join(ROOT, part), join(folder, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const env = { ...environment, PATH: `${BIN}:${process.env['PATH']}`, HOME: folder };
  return {
    folder,
    async serverless(command, params = {}, accept) {
      const given = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`);
      const accepted = accept === undefined ? [] : ['--accept', accept];
      const args = [command, '--region', REGION, ...given, ...accepted];
      const { stdout, stderr } = await promisify(execFile)(join(BIN, 'serverless'), args, {
        cwd: folder,
        env,
      });
      return stdout + stderr;
    },
    template: async () =>
      JSON.parse(
        await readFile(
          join(folder, '.serverless/cloudformation-template-update-stack.json'),
          'utf8',
        ),
      ),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};
