import type { Action } from './actions.ts';
import { type Live, PORTS } from './live.ts';
import { LEGEND, wrap } from './render.ts';
import { firstUrl } from './story/held.ts';

export interface IntroOptions {
  readonly controlUrl: string;
  readonly actions: Readonly<Record<string, Action>>;
  readonly columns: number;
}

/**
 * What the run says of itself before anything happens: what is real, where everything is, what to
 * try.
 */
export const intro = (
  { stack, resolver, ownAddresses, cluster }: Live,
  { controlUrl, actions, columns }: IntroOptions,
): string => {
  const urlOf = (variable: string) => firstUrl(stack.environment[variable] ?? '').url;
  const consul = urlOf('CONSUL_HTTP_ADDR');
  const eureka = urlOf('EUREKA_CLIENT_SERVICEURL_DEFAULTZONE');
  const real = (server: unknown) => (server ? 'simulated' : 'REAL');
  const examples = Object.entries(actions).map(
    ([name, { example, help }]) =>
      `  curl -X POST ${controlUrl}/control/${name}${example ? ` -d '${JSON.stringify(example)}'` : ''}  # ${help}`,
  );
  const inUse = portsInUse([
    [PORTS.resolver, resolver.url],
    [PORTS.control, controlUrl],
    [PORTS.aws, stack.aws.url],
    [PORTS.consul, stack.consul?.url],
    [PORTS.eureka, stack.eureka?.url],
  ]);
  const lines = [
    ...inUse,
    'real:       the handlers, the AWS SDK, and the HTTP servers behind the tasks',
    `simulated:  ECS, EC2, Cloud Map, SQS, SSM and Secrets Manager at ${stack.aws.url}`,
    ...(ownAddresses
      ? []
      : [
          '            this machine has no 127.0.1.x, so the weather runs in bridge mode instead of awsvpc',
        ]),
    `Consul:     ${consul} (${real(stack.consul)})`,
    `Eureka:     ${eureka} (${real(stack.eureka)})`,
    `resolver:   ${resolver.url} (open to this machine; loopback addresses are allowed, as nowhere else)`,
    `page:       ${resolver.url}/`,
    `control:    ${controlUrl}/control`,
    `cluster:    ${cluster.arn}`,
    `owner:      ${stack.owner}`,
    '',
    'Try:',
    `  curl ${resolver.url}/services`,
    `  curl ${resolver.url}/services/stock-price`,
    `  curl -H 'Accept: text/plain' ${resolver.url}/resolve/weather`,
    `  curl -L ${resolver.url}/go/stock-price/    # follows the redirect to a task`,
    `  curl -L ${resolver.url}/go/portal/         # the portal asks the two others, found through the resolver`,
    `  curl ${resolver.url}/prometheus/sd         # the same for Prometheus, and below for Consul's and Eureka's clients`,
    `  curl '${resolver.url}/v1/health/service/stock-price?passing'`,
    `  curl -H 'Accept: application/json' ${resolver.url}/eureka/apps`,
    `  curl ${consul}/v1/catalog/services`,
    `  curl -H 'Accept: application/json' ${eureka}/apps`,
    `  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws --region eu-central-1 --endpoint-url ${stack.aws.url} ecs list-tasks --cluster example`,
    'Change something:',
    ...examples,
    '',
    wrap(LEGEND.split('  '), columns),
    '',
  ];
  return lines.map((line) => withinColumns(line, columns)).join('\n');
};

/** Each port that was wanted, and where its server is now: nowhere if a real one is used. */
const portsInUse = (
  servers: readonly (readonly [number, string | undefined])[],
): readonly string[] => {
  const moved = servers.flatMap(([port, url]) =>
    url && new URL(url).port !== String(port) ? [port] : [],
  );
  if (moved.length === 0) return [];
  return [`${moved.join(', ')} ${moved.length > 1 ? 'are' : 'is'} in use: others were taken`, ''];
};

/**
 * A command too long for the terminal has what is said of it above; it is broken nowhere, so that
 * it can be copied.
 */
const withinColumns = (line: string, columns: number): string => {
  const [, command, said] = /^( {2}.*?) +# (.*)$/.exec(line) ?? [];
  return command === undefined || line.length <= columns ? line : `  # ${said}\n${command}`;
};
