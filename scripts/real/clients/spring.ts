import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { javaClassPath } from '../java.ts';
import { onFreePorts } from '../ports.ts';
import { startProcess } from '../process.ts';
import type { Unavailable } from '../unavailable.ts';

const FILES = join(import.meta.dirname, 'spring');

/** The class of each application's `main`. */
const MAIN = { eureka: 'Client', consul: 'Client', admin: 'Admin' } as const;

/**
 * A client of Eureka's or of Consul's protocol, or Boot Admin, which finds its applications as a
 * client of Eureka.
 */
export type SpringApplication = keyof typeof MAIN;

/** An application's class path, built once by the machine's own Java and Maven. */
export const springClassPath = (application: SpringApplication): Promise<string | Unavailable> =>
  javaClassPath({
    name: `spring-${application}`,
    pom: join(FILES, 'pom.xml'),
    profile: application,
    source: join(FILES, `${MAIN[application]}.java`),
  });

export interface Spring {
  readonly url: string;
  /** The end of its log. */
  log(): string;
  isAlive(): boolean;
  stop(): Promise<void>;
}

export interface SpringOptions {
  readonly application: SpringApplication;
  readonly classPath: string;
  /** The text of its `application.yml`. */
  readonly configuration: string;
  /** Spring's own keys, which win over the file's. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
}

/** On a free port of the loopback. Resolves when it answers. */
export const startSpring = async (options: SpringOptions): Promise<Spring> => {
  const { application, classPath, configuration, properties = {} } = options;
  const home = await mkdtemp(join(tmpdir(), 'rollcall-spring-'));
  const file = join(home, 'application.yml');
  await writeFile(file, configuration);
  return onFreePorts(1, async ([port = 0]) => {
    const url = `http://127.0.0.1:${port}`;
    const all = {
      'spring.config.location': `file:${file}`,
      'server.address': '127.0.0.1',
      'server.port': port,
      ...properties,
    };
    const java = [
      '-Xmx256m',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      classPath,
      `rollcall.${MAIN[application]}`,
    ];
    const server = await startProcess({
      command: 'java',
      args: [...java, ...Object.entries(all).map(([key, value]) => `--${key}=${value}`)],
      // Whatever it is: its applications answer 404 at the top.
      ready: async () => (await fetch(url)).status > 0,
      within: 120_000,
      // Spring takes EUREKA_CLIENT_… and SPRING_… from its environment, before its file.
      environment: pick(process.env, 'PATH', 'HOME', 'JAVA_HOME'),
    });
    return {
      url,
      log: server.output,
      isAlive: server.isAlive,
      stop: async () => {
        await server.stop();
        await rm(home, { recursive: true, force: true });
      },
    };
  });
};

const pick = (environment: NodeJS.ProcessEnv, ...names: readonly string[]): NodeJS.ProcessEnv =>
  Object.fromEntries(names.map((name) => [name, environment[name]]));
