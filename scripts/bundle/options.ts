import { resolve } from 'node:path';
import type { BuildOptions } from 'esbuild';

export const ROOT = resolve(import.meta.dirname, '../..');

/** What all bundles have in common. */
export const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'silent',
} satisfies BuildOptions;
