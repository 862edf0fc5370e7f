import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type DebianPackage, debianPackage } from '../debian.ts';
import { startProcess } from '../process.ts';
import { isUnavailable, type Unavailable } from '../unavailable.ts';

/** Debian 12's HAProxy, and what it needs that few machines have. */
const PACKAGES: readonly DebianPackage[] = [
  {
    name: 'haproxy',
    version: '2.6.12-1+deb12u3',
    pool: 'pool/main/h/haproxy/haproxy',
    sha256: { amd64: 'c8fa07420a78bfc47544b2a46e97151a8a12c3b4db62de610b2e37e78506f465' },
  },
  {
    name: 'liblua5.3-0',
    version: '5.3.6-2',
    pool: 'pool/main/l/lua5.3/liblua5.3-0',
    sha256: { amd64: '576ad8ef2e9f6ad21f29f0c90dac17448deefee8f3912877c2a0911b77e5d3ca' },
  },
  {
    name: 'libopentracing-c-wrapper0',
    version: '1.1.3-3+b1',
    pool: 'pool/main/o/opentracing-c-wrapper/libopentracing-c-wrapper0',
    sha256: { amd64: '68013bf6296a776923622c871bed26bc7b6bfe5f84b0fa2707a06382d1db2692' },
  },
  {
    name: 'libopentracing1',
    version: '1.6.0-4',
    pool: 'pool/main/o/opentracing-cpp/libopentracing1',
    sha256: { amd64: 'af62b62a99979253a79e3443f7dabe13f1f33bc2fc024f99039e3868a67f26f4' },
  },
];
const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

/** HAProxy 2.6, as the folders of its packages: the program's first. */
export const debianHaproxy = async (): Promise<readonly string[] | Unavailable> => {
  const folders: string[] = [];
  for (const one of PACKAGES) {
    const folder = await debianPackage(one);
    if (isUnavailable(folder)) return folder;
    folders.push(folder);
  }
  return folders;
};

export interface Haproxy {
  /** `address:port` of the servers that its backend `web` has now, sorted. */
  places(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** `configuration` has a backend `web`; where it is administered is added. */
export const startHaproxy = async (
  folders: readonly string[],
  configuration: string,
): Promise<Haproxy> => {
  const home = await mkdtemp(join(tmpdir(), 'rollcall-haproxy-'));
  const [file, socket] = [join(home, 'haproxy.cfg'), join(home, 'admin.sock')];
  await writeFile(file, `global\n  stats socket ${socket} level admin\n${configuration}\n`);
  const said = (line: string) => text(connect(socket).end(`${line}\n`));
  const running = await startProcess({
    command: join(folders[0] ?? '', 'usr/sbin/haproxy'),
    args: ['-db', '-f', file],
    environment: { LD_LIBRARY_PATH: folders.map((one) => join(one, LIBRARIES)).join(':') },
    ready: async () => (await said('show info')).includes('Version'),
  });
  return {
    async places() {
      const [, head = '', ...rows] = (await said('show servers state web')).trim().split('\n');
      const names = head.replace('# ', '').split(' ');
      const of = (row: string, name: string) => row.split(' ')[names.indexOf(name)] ?? '';
      return rows
        .map((row) => `${of(row, 'srv_addr')}:${of(row, 'srv_port')}`)
        .filter((place) => place.startsWith('10.'))
        .sort();
    },
    async stop() {
      await running.stop('SIGKILL');
      await rm(home, { recursive: true, force: true });
    },
  };
};
