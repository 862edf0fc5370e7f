import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** A package of npm's, as it is installed. */
export interface Package {
  /** From the root, such as `node_modules/@aws-sdk/client-ecs`. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** As SPDX writes it, an expression where there are several. */
  readonly license: string;
  /** Licence and notice, as they lie in the package; several packages have none. */
  readonly texts: readonly string[];
}

/**
 * Folders of the packages of which a bundle holds at least a byte. What was read and left out is
 * not bundled.
 */
export const foldersIn = ({ outputs }: Pick<Metafile, 'outputs'>): readonly string[] => {
  const files = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [file] : [],
    ),
  );
  return [...new Set(files.flatMap((file) => FOLDER.exec(file)?.[1] ?? []))].sort();
};

/**
 * From the first `node_modules`, before which esbuild may write a namespace and the root, to the
 * package in the last: one may lie in another's own node_modules.
 */
const FOLDER = /^.*?(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//;

/** Rejects where a package does not say its licence: nobody could say whether we may ship it. */
export const readPackage = async (root: string, folder: string): Promise<Package> => {
  const manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  const { name, version, license } = manifest;
  for (const [field, value] of Object.entries({ name, version, license }))
    if (typeof value !== 'string' || value === '')
      throw new Error(
        `${folder}/package.json: ${field}: expected a text, got ${JSON.stringify(value)}`,
      );
  const files = (await readdir(join(root, folder))).filter((file) => LEGAL.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')));
  return { folder, name, version, license, texts: texts.map((text) => text.trim()) };
};

const LEGAL = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i;
