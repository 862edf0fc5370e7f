import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { COMMON, ROOT } from './options.ts';
import { foldersIn } from './packages.ts';
import { commandPlugins } from './plugins.ts';
import type { Contents } from './sbom.ts';

export interface BundledCommand extends Contents {
  readonly bytes: number;
}

/**
 * The command as one file that needs nothing but Node. It is in the language of Node 18, so that
 * an older one than we ask for can read it as far as to say so.
 */
export const bundleCommand = async (file: string): Promise<BundledCommand> => {
  const { outputFiles, metafile } = await build({
    ...COMMON,
    entryPoints: [join(ROOT, 'command/rollcall.mjs')],
    outfile: file,
    target: 'node18',
    plugins: commandPlugins(),
  });
  const [made] = outputFiles;
  if (!made) throw new Error('command/rollcall.mjs: nothing was made of it');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, made.contents, { mode: 0o755 });
  return { name: 'command', folders: foldersIn(metafile), bytes: made.contents.length };
};
