import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fencesOf } from '../../unit/docs/fences.ts';
import type { Scene } from './scene.ts';

const PAGES = resolve(import.meta.dirname, '../../../docs/clients');

/**
 * The block of that name on a page of docs/clients, with the scene's address and token for those of
 * the example.
 */
export const snippet = async (scene: Scene, page: string, name: string): Promise<string> => {
  const fence = fencesOf(await readFile(join(PAGES, page), 'utf8')).find(
    ({ about }) => about === name,
  );
  if (!fence) throw new Error(`docs/clients/${page}: expected a block called ${name}, got none`);
  const file = join(scene.folder, 'token');
  await writeFile(file, scene.token);
  const { host, hostname, port } = new URL(scene.url);
  return fence.text
    .replaceAll('https://', 'http://')
    .replaceAll('scheme: https', 'scheme: http')
    .replaceAll('rollcall.example.com:443', host)
    .replaceAll(/(http:\/\/(?:[^@\s]+@)?)rollcall\.example\.com/g, `$1${host}`)
    .replaceAll('rollcall.example.com', hostname)
    .replaceAll(/\b(port|port_value): 443\b/g, `$1: ${port}`)
    .replaceAll('/etc/rollcall/token', file)
    .replaceAll('YOUR-TOKEN', scene.token);
};
