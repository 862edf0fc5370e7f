import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { javaClassPath } from './java.ts';
import { onFreePorts } from './ports.ts';
import { startProcess, startTogether, untilInterrupted } from './process.ts';
import { isUnavailable } from './unavailable.ts';

const FILES = join(import.meta.dirname, 'eureka');

/** The class path of the server, built once by the machine's own Java and Maven. */
export const eurekaClassPath = () =>
  javaClassPath({
    name: 'eureka',
    pom: join(FILES, 'pom.xml'),
    source: join(FILES, 'Server.java'),
  });

export interface EurekaServer {
  /** Base of its API, without a slash at the end. */
  readonly url: string;
  stop(): Promise<void>;
  /** As a machine dies: at once, without a word to its peers. */
  kill(): Promise<void>;
}

/** Spring's own keys, such as `eureka.server.eviction-interval-timer-in-ms`. */
export type Properties = Readonly<Record<string, string | number | boolean>>;

/** One server that has no peers. */
export const startEureka = async (
  classPath: string,
  properties: Properties = {},
): Promise<EurekaServer> =>
  onFreePorts(1, ([port = 0]) =>
    start(classPath, port, {
      // With any other name than the URL's host the server takes itself for a peer and counts
      // renewals twice.
      'eureka.instance.hostname': '127.0.0.1',
      'eureka.client.service-url.defaultZone': `http://127.0.0.1:${port}/eureka/`,
      'eureka.client.fetch-registry': false,
      ...properties,
    }),
  );

/**
 * Two servers, each of which copies what it is told to the other, and reads the other's when it
 * starts.
 */
export const startEurekaPeers = async (
  classPath: string,
  properties: Properties = {},
): Promise<readonly EurekaServer[]> => {
  const peer = (port: number, other: number) =>
    start(classPath, port, {
      // Whether a URL is one's own is told by its host alone: by the URLs' own name both would be,
      // and nothing copied.
      'eureka.instance.hostname': 'localhost',
      'eureka.client.service-url.defaultZone': `http://127.0.0.1:${other}/eureka/`,
      'eureka.client.fetch-registry': true,
      'eureka.client.filter-only-up-instances': false,
      'eureka.server.registry-sync-retries': 1,
      ...properties,
    });
  return onFreePorts(2, ([one = 0, two = 0]) => startTogether([peer(one, two), peer(two, one)]));
};

const start = async (
  classPath: string,
  port: number,
  properties: Properties,
): Promise<EurekaServer> => {
  const all: Properties = {
    'server.address': '127.0.0.1',
    'server.port': port,
    'eureka.client.register-with-eureka': false,
    ...properties,
  };
  const url = `http://127.0.0.1:${port}/eureka`;
  const java = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', classPath, 'rollcall.Server'];
  const server = await startProcess({
    command: 'java',
    args: [...java, ...Object.entries(all).map(([key, value]) => `--${key}=${value}`)],
    ready: async () => (await fetch(`${url}/apps`)).ok,
    within: 120_000,
  });
  return { url, stop: () => server.stop(), kill: () => server.stop('SIGKILL') };
};

/** Milliseconds that lists may be old: 30,000 by default, which is long for whoever watches. */
const QUICK = { 'eureka.server.response-cache-update-interval-ms': 1_000 };

const show = async (): Promise<void> => {
  const classPath = await eurekaClassPath();
  if (isUnavailable(classPath)) {
    console.error(`Eureka cannot be had here: ${classPath.unavailable}`);
    process.exitCode = 1;
    return;
  }
  const peers = process.argv.includes('--peers');
  const servers = peers
    ? await startEurekaPeers(classPath, QUICK)
    : [await startEureka(classPath, QUICK)];
  const urls = servers.map(({ url }) => `${url}/`).join(',');
  console.log(`Eureka answers at ${urls.replaceAll(',', ' and ')} until you press Ctrl-C.`);
  console.log('Its lists are at most a second old; a server as it comes lets them be 30 s old.');
  console.log(`In another terminal:\n\n  export EUREKA_CLIENT_SERVICEURL_DEFAULTZONE=${urls}`);
  console.log('\n  npm start -- --real');
  await untilInterrupted();
  await Promise.all(servers.map((server) => server.stop()));
};

if (import.meta.url === pathToFileURL(join(process.argv[1] ?? '')).href) await show();
