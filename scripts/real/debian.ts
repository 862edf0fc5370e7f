import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder, download } from './cache.ts';
import { type Unavailable, unavailable } from './unavailable.ts';

const run = promisify(execFile);

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** Where it lies below the mirror, up to the version. */
  readonly pool: string;
  /**
   * SHA-256 of the package by Debian's name of the architecture, as Debian's own index gives it.
   */
  readonly sha256: Readonly<Record<string, string>>;
}

/** By Node's names of them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * The folder of Debian's package, which is unpacked and not installed: for programs that need
 * nothing but libc.
 */
export const debianPackage = async ({
  name,
  version,
  pool,
  sha256,
}: DebianPackage): Promise<string | Unavailable> => {
  const architecture = process.platform === 'linux' ? (ARCHITECTURES[process.arch] ?? '') : '';
  const wanted = sha256[architecture];
  if (!wanted)
    return unavailable(
      `Debian's package runs on Linux only, on x64 and arm64; this is ${process.platform}`,
    );
  try {
    return await cachedFolder(`${name}-${version}-${architecture}`, async (making) => {
      const file = join(making, `${name}.deb`);
      await writeFile(
        file,
        await downloadFromMirrors(`${pool}_${version}_${architecture}.deb`, wanted),
      );
      await unpack(file, making);
    });
  } catch (error) {
    return unavailable(error instanceof Error ? error.message : String(error));
  }
};

/** Rejects with every mirror's reason. */
const downloadFromMirrors = async (path: string, sha256: string): Promise<Buffer> => {
  const faults: string[] = [];
  for (const mirror of await mirrors())
    try {
      return await download(`${mirror}/${path}`, sha256);
    } catch (error) {
      faults.push(`${mirror}: ${toText(error)}`);
    }
  if (faults.length === 0)
    throw new Error(
      "apt knows no Debian mirror here; DEBIAN_MIRROR may name one: the URL that 'pool' follows",
    );
  throw new Error(`${path} cannot be fetched from ${faults.join('; ')}`);
};

/** Where this machine takes Debian from: `DEBIAN_MIRROR`, or what its own apt is set to. */
const mirrors = async (): Promise<readonly string[]> => {
  const given = process.env['DEBIAN_MIRROR'];
  if (given) return [given];
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const files = [...names.map((name) => join(folder, name)), '/etc/apt/sources.list'];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  const found = texts.flatMap((text) => text.match(/^(?:URIs:|deb\s).*$/gm) ?? []);
  const urls = found.flatMap((line) => line.match(/https?:\/\/\S+\/debian(?=\/?(\s|$))/g) ?? []);
  return [...new Set(urls)];
};

/** By dpkg, or where there is none by the archiver and tar that the package is made of. */
const unpack = async (file: string, folder: string): Promise<void> => {
  try {
    await run('dpkg-deb', ['--extract', file, folder]);
  } catch (error) {
    if (Object(error).code !== 'ENOENT') throw error;
    await run('ar', ['x', file], { cwd: folder });
    await run('tar', ['-xf', 'data.tar.xz'], { cwd: folder });
  }
};

/** Node's fetch keeps its reason in the cause. */
const toText = (error: unknown) => {
  const { message, cause } = Object(error);
  return cause ? `${message}: ${Object(cause).message ?? cause}` : String(message ?? error);
};
