import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder, download } from '../cache.ts';
import { type Unavailable, unavailable } from '../unavailable.ts';

const run = promisify(execFile);

const VERSION = '1.8.7+dfsg1-2+b3';
/** SHA-256 of Debian 11's packages, the last Debian with Consul, as its own index gives them. */
const PACKAGES: Readonly<Record<string, { readonly name: string; readonly sha256: string }>> = {
  x64: { name: 'amd64', sha256: 'e4e888bba104daba1d9161f49bfc52649a7e4efd45b1a7ead5bc54f2cb9c89d9' },
  arm64: { name: 'arm64', sha256: '7318cfa77a7ba6f71dd096e44353279de246ffc6561216ace42353685dcf8255' },
};

/** Consul's program out of Debian's package, which is unpacked and not installed: it needs nothing but libc. */
export const debianConsul = async (): Promise<string | Unavailable> => {
  const wanted = process.platform === 'linux' ? PACKAGES[process.arch] : undefined;
  if (!wanted)
    return unavailable(`Debian's package runs on Linux only, on x64 and arm64; this is ${process.platform}`);
  try {
    const folder = await cachedFolder(`consul-${VERSION}-${wanted.name}`, async (making) => {
      const file = join(making, 'consul.deb');
      const path = `pool/main/c/consul/consul_${VERSION}_${wanted.name}.deb`;
      await writeFile(file, await downloadFromMirrors(path, wanted.sha256));
      await unpack(file, making);
    });
    return join(folder, 'usr/bin/consul');
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
