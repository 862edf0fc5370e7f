import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A CA that nobody knows, and what it has signed. */
export interface PrivateCa {
  readonly ca: string;
  /** For what the extension says, such as `subjectAltName=DNS:server.dc1.consul`. */
  sign(name: string, extension: string): Certificate;
  remove(): void;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Made by openssl, in a folder of its own. */
export const createPrivateCa = (): PrivateCa => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-tls-'));
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const pem = (file: string) => readFileSync(join(folder, file), 'utf8');
  const own = ['-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test CA'];
  openssl('req', '-x509', ...NEW_KEY, ...own);
  return {
    ca: pem('ca.pem'),
    sign(name, extension) {
      writeFileSync(join(folder, `${name}.ext`), extension);
      const wanted = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`];
      openssl('req', ...NEW_KEY, ...wanted);
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
      const files = ['-in', `${name}.csr`, '-extfile', `${name}.ext`, '-out', `${name}.pem`];
      openssl('x509', '-req', ...by, ...files);
      return { cert: pem(`${name}.pem`), key: pem(`${name}.key`) };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
};
