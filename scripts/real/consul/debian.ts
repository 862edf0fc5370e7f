import { join } from 'node:path';
import { debianPackage } from '../debian.ts';
import { isUnavailable, type Unavailable } from '../unavailable.ts';

/** Consul's program out of Debian 11's package: the last Debian with Consul. */
export const debianConsul = async (): Promise<string | Unavailable> => {
  const folder = await debianPackage({
    name: 'consul',
    version: '1.8.7+dfsg1-2+b3',
    pool: 'pool/main/c/consul/consul',
    sha256: {
      amd64: 'e4e888bba104daba1d9161f49bfc52649a7e4efd45b1a7ead5bc54f2cb9c89d9',
      arm64: '7318cfa77a7ba6f71dd096e44353279de246ffc6561216ace42353685dcf8255',
    },
  });
  return isUnavailable(folder) ? folder : join(folder, 'usr/bin/consul');
};
