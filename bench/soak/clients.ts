import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goConsulClients, goProgram } from '../../scripts/real/clients/go.ts';
import { javaClient } from '../../scripts/real/clients/java.ts';
import { debianPrometheus, startPrometheus } from '../../scripts/real/clients/prometheus.ts';
import { PYTHON_CLIENTS, pythonWithClients } from '../../scripts/real/clients/python.ts';
import { springClassPath, startSpring } from '../../scripts/real/clients/spring.ts';
import { startLineProgram } from '../../scripts/real/line-program.ts';
import { onFreePorts } from '../../scripts/real/ports.ts';
import { startProcess } from '../../scripts/real/process.ts';
import { isUnavailable, type Unavailable } from '../../scripts/real/unavailable.ts';

/** A client that runs. */
export interface SoakedClient {
  /** `address:port` of the instances of `web`, sorted, as it has them now. */
  places(): Promise<readonly string[]>;
  isAlive(): boolean;
  stop(): Promise<void>;
}

export interface SoakedOver {
  readonly url: string;
  readonly token: string;
}

type Start = (over: SoakedOver) => Promise<SoakedClient | Unavailable>;

export const PLANS = 150;

/** A program of ours around a client, which writes a line for whatever it sees. */
const program =
  (obtain: () => Promise<readonly string[] | Unavailable>): Start =>
  async ({ url, token }) => {
    const command = await obtain();
    if (isUnavailable(command)) return command;
    const running = startLineProgram([...command, url, token, 'web']);
    return {
      places: async () => running.sight()?.places ?? [],
      isAlive: running.isAlive,
      stop: running.stop,
    };
  };

const goClient = (...args: readonly string[]) =>
  program(async () => {
    const binary = await goConsulClients();
    return isUnavailable(binary) ? binary : [binary, ...args];
  });

/** All plans must have the same, or it counts as nothing seen. */
const plans: Start = async ({ url, token }) => {
  const binary = await goConsulClients();
  if (isUnavailable(binary)) return binary;
  const running = startLineProgram([binary, 'plans', String(PLANS), url, token, 'web']);
  return {
    places: async () => {
      const sight = running.sight();
      return sight?.['seen'] === PLANS ? sight.places : [];
    },
    isAlive: running.isAlive,
    stop: running.stop,
  };
};

const python = program(async () => {
  const python = await pythonWithClients();
  return isUnavailable(python) ? python : [python, PYTHON_CLIENTS.consul];
});

const consulTemplate: Start = async ({ url, token }) => {
  const binary = await goProgram('consul-template');
  if (isUnavailable(binary)) return binary;
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-soak-'));
  const target = join(folder, 'web.conf');
  const template = [
    '{{ keyOrDefault "shop/name" "shop" }}',
    '{{ range service "web" }}{{ .Address }}:{{ .Port }}',
    '{{ end }}',
  ].join('\n');
  const config = [
    `consul { address = "${url}" token = "${token}" }`,
    `template { contents = ${JSON.stringify(template)} destination = "${target}" }`,
  ];
  await writeFile(join(folder, 'config.hcl'), config.map(oneEach).join('\n'));
  const rendered = async () => {
    const [name, ...lines] = (await readFile(target, 'utf8')).trim().split('\n');
    return name === 'shop' ? lines.sort() : [];
  };
  const running = await startProcess({
    command: binary,
    args: [`-config=${join(folder, 'config.hcl')}`],
    ready: async () => (await rendered()).length > 0,
  });
  return {
    places: rendered,
    isAlive: running.isAlive,
    async stop() {
      // SIGTERM means nothing to it.
      await running.stop('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** HCL wants each argument of a block on a line of its own. */
const oneEach = (block: string) =>
  block
    .replace('{ ', '{\n')
    .replace(/" (?=\w+ = )/g, '"\n')
    .replace(/ \}$/, '\n}');

const spring: Start = async ({ url, token }) => {
  const classPath = await springClassPath('consul');
  if (isUnavailable(classPath)) return classPath;
  const { port } = new URL(url);
  const running = await startSpring({
    application: 'consul',
    classPath,
    configuration: '',
    properties: {
      'spring.application.name': 'soak',
      'spring.cloud.consul.host': '127.0.0.1',
      'spring.cloud.consul.port': port,
      'spring.cloud.consul.discovery.acl-token': token,
      'spring.cloud.consul.discovery.register': false,
      'spring.cloud.consul.discovery.query-passing': true,
      // It holds a request all the time.
      'spring.cloud.consul.discovery.catalog-services-watch.enabled': true,
    },
  });
  return {
    async places() {
      const answer = await fetch(`${running.url}/instances/web`);
      const found = (await answer.json()) as readonly { readonly uri: string }[];
      return found.map(({ uri }) => new URL(uri).host).sort();
    },
    isAlive: running.isAlive,
    stop: running.stop,
  };
};

/** By `consul_sd_configs` where Prometheus is built with it, else by `http_sd_configs`. */
const prometheus: Start = async ({ url, token }) => {
  const whole = await goProgram('prometheus');
  const binary = isUnavailable(whole) ? await debianPrometheus() : whole;
  if (isUnavailable(binary)) return binary;
  const { host } = new URL(url);
  const authorization = [
    '        authorization:',
    '          type: Bearer',
    `          credentials: ${token}`,
  ];
  const discovery = isUnavailable(whole)
    ? ['    http_sd_configs:', `      - url: ${url}/prometheus/sd?service=web`]
    : ['    consul_sd_configs:', `      - server: ${host}`, '        services: [web]'];
  const config = [
    'scrape_configs:',
    '  - job_name: soak',
    '    scrape_interval: 1d',
    ...discovery,
    '        refresh_interval: 5s',
    ...authorization,
  ];
  const running = await startPrometheus(binary, config.join('\n'));
  return {
    places: () => activeTargets(`${running.url}/api/v1/targets?state=active`),
    isAlive: running.isAlive,
    stop: running.stop,
  };
};

interface Target {
  readonly discoveredLabels: Readonly<Record<string, string>>;
}

/** Of Prometheus' API, which vmagent has too. */
const activeTargets = async (url: string): Promise<readonly string[]> => {
  const { data } = Object(await (await fetch(url)).json());
  return (data.activeTargets as readonly Target[])
    .map(({ discoveredLabels }) => discoveredLabels['__address__'] ?? '')
    .sort();
};

/** With a filter that has a pattern, as its users’ jobs have it. */
export const vmagent: Start = async ({ url, token }) => {
  const binary = await goProgram('vmagent');
  if (isUnavailable(binary)) return binary;
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-soak-'));
  const file = join(folder, 'scrape.yml');
  const config = [
    'scrape_configs:',
    '  - job_name: soak',
    '    scrape_interval: 1d',
    '    consul_sd_configs:',
    `      - server: ${new URL(url).host}`,
    `        token: ${token}`,
    '        services: [web]',
    `        filter: 'ServiceName matches "^web$"'`,
    '    relabel_configs:',
    '      - source_labels: [__meta_consul_health]',
    '        regex: passing',
    '        action: keep',
  ];
  await writeFile(file, config.join('\n'));
  return onFreePorts(1, async ([port]) => {
    const at = `http://127.0.0.1:${port}`;
    const running = await startProcess({
      command: binary,
      args: [
        `-promscrape.config=${file}`,
        '-promscrape.consulSDCheckInterval=1s',
        `-httpListenAddr=127.0.0.1:${port}`,
        // Nobody takes what it scrapes.
        '-remoteWrite.url=http://127.0.0.1:9/',
        `-remoteWrite.tmpDataPath=${folder}`,
      ],
      ready: async () => (await fetch(`${at}/health`)).ok,
    });
    return {
      places: () => activeTargets(`${at}/api/v1/targets`),
      isAlive: running.isAlive,
      async stop() {
        await running.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  });
};

/** What is soaked, by name. */
export const CLIENTS: Readonly<Record<string, Start>> = {
  [`${PLANS} watch plans of Go’s consul/api`]: plans,
  'what asks as Fabio does': goClient('routes', 'fabio'),
  'consul-template with keys': consulTemplate,
  'Spring Cloud Consul': spring,
  Prometheus: prometheus,
  vmagent,
  'kiwiproject’s consul-client': program(() => javaClient('kiwiproject')),
  'orbitz’ consul-client': program(() => javaClient('orbitz')),
  'py-consul': python,
};
