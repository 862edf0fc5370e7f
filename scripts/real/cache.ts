import { createHash } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CACHE = resolve(import.meta.dirname, '../../.cache/real');

/** The folder of that name, if it was made before. */
export const findCached = async (name: string): Promise<string | undefined> => {
  const home = join(CACHE, name);
  return (await exists(home)) ? home : undefined;
};

/**
 * The folder `.cache/real/<name>`, made once: `make` fills an empty folder, which gets its name
 * only when it is whole. Whoever comes while another process makes it waits for that one. Rejects
 * with what `make` rejects with.
 */
export const cachedFolder = async (
  name: string,
  make: (folder: string) => Promise<void>,
): Promise<string> => {
  const home = join(CACHE, name);
  if (await exists(home)) return home;
  const release = await lock(`${home}.lock`);
  try {
    if (!(await exists(home))) {
      process.stderr.write(`Getting ${name} into .cache/real; this is done once.\n`);
      const making = `${home}.making`;
      await rm(making, { recursive: true, force: true });
      await mkdir(making);
      await make(making);
      await rename(making, home);
    }
    return home;
  } finally {
    await release();
  }
};

/** Milliseconds without an answer after which a download is given up. */
const PATIENCE = 120_000;

/** Rejects unless the bytes have this SHA-256, in hexadecimal. */
export const download = async (url: string, sha256: string): Promise<Buffer> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  const came = createHash('sha256').update(bytes).digest('hex');
  if (came !== sha256) throw new Error(`${url}: expected SHA-256 ${sha256}, came ${came}`);
  return bytes;
};

/**
 * A file that holds the process's id, so that the lock of a process that was killed is seen to be
 * nobody's.
 */
const lock = async (file: string): Promise<() => Promise<void>> => {
  await mkdir(dirname(file), { recursive: true });
  for (;;) {
    try {
      const handle = await open(file, 'wx');
      await writeFile(handle, String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if (Object(error).code !== 'EEXIST') throw error;
    }
    if (await isAbandoned(file)) await rm(file, { force: true });
    else await sleep(200);
  }
};

const isAbandoned = async (file: string): Promise<boolean> => {
  const holder = Number(await readFile(file, 'utf8').catch(() => ''));
  // Not written yet, or released in between.
  if (!holder) return false;
  try {
    process.kill(holder, 0);
    return false;
  } catch {
    return true;
  }
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
