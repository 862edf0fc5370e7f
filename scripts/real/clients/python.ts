import { join } from 'node:path';
import type { Unavailable } from '../unavailable.ts';
import { venvPython } from '../venv.ts';

const FILES = join(import.meta.dirname, 'python');

/** The programs, by their files; each takes a URL, a token and the name of a service. */
export const PYTHON_CLIENTS = {
  consul: join(FILES, 'consul_watch.py'),
  eureka: join(FILES, 'eureka_poll.py'),
} as const;

/** A Python that has the clients. */
export const pythonWithClients = (): Promise<string | Unavailable> =>
  venvPython('python-clients-1', ['py-consul==1.8.0', 'py-eureka-client==0.13.3']);
