import type { Action } from './actions.ts';
import { type Key, keysHelp } from './keys.ts';
import type { Live } from './live.ts';
import { PORTS } from './ports.ts';
import { LEGEND, wrap } from './render.ts';
import { firstUrl } from './story/held.ts';

/** Where everything of the run is. */
export interface Addresses {
  readonly resolver: string;
  readonly control: string;
  readonly aws: string;
  readonly consul: Address;
  readonly eureka: Address;
}

interface Address {
  readonly url: string;
  /** A server of the user's, not one of this process. */
  readonly isReal: boolean;
}

export const addressesOf = ({ stack, resolver }: Live, controlUrl: string): Addresses => {
  const address = (variable: string, server: unknown) => ({
    url: firstUrl(stack.environment[variable] ?? '').url,
    isReal: !server,
  });
  return {
    resolver: resolver.url,
    control: `${controlUrl}/control`,
    aws: stack.aws.url,
    consul: address('CONSUL_HTTP_ADDR', stack.consul),
    eureka: address('EUREKA_CLIENT_SERVICEURL_DEFAULTZONE', stack.eureka),
  };
};

/** What the run says of itself before anything happens: what it is, the page, the keys. */
export const intro = (
  addresses: Addresses,
  { keys, columns }: { readonly keys: readonly Key[]; readonly columns: number },
): string =>
  [
    ...portsInUse(addresses),
    'Rollcall on this machine: the functions that are deployed to AWS register the',
    'tasks of an example ECS cluster in three registries, which clients then ask.',
    '',
    `  page      ${addresses.resolver}/    what is registered, and what is not`,
    `  resolver  ${addresses.resolver}/resolve/stock-price`,
    `  control   ${addresses.control}    ${keys.length > 0 ? 'the keys, for scripts' : 'GET: what can be done, POST: does it'}`,
    ...REGISTRIES.flatMap(([name, label]) => realLine(label, addresses[name])),
    '',
    ...(keys.length > 0 ? [keysHelp(keys, columns), ''] : []),
    wrap(LEGEND.split('  '), columns),
    '',
  ].join('\n');

const REGISTRIES = [
  ['consul', 'Consul  '],
  ['eureka', 'Eureka  '],
] as const;

const realLine = (label: string, { url, isReal }: Address) =>
  isReal ? [`  ${label}  ${url} (yours; our records leave it when this ends)`] : [];

/** Behind `?`: every address, and commands to try. */
export const more = (
  { resolver, control, aws, consul, eureka }: Addresses,
  {
    actions,
    columns,
  }: { readonly actions: Readonly<Record<string, Action>>; readonly columns: number },
): string => {
  const kind = ({ isReal }: Address) => (isReal ? 'real' : 'simulated');
  const examples = Object.entries(actions).map(
    ([name, { example, help }]) =>
      `  curl -X POST ${control}/${name}${example ? ` -d '${JSON.stringify(example)}'` : ''}  # ${help}`,
  );
  const lines = [
    'real:       the functions, the AWS SDK, and the HTTP servers behind the tasks',
    `simulated:  ECS, EC2, Cloud Map, SQS, SSM and Secrets Manager at ${aws}`,
    `Consul:     ${consul.url} (${kind(consul)})`,
    `Eureka:     ${eureka.url} (${kind(eureka)})`,
    `resolver:   ${resolver} (open to this machine; loopback addresses are allowed, as nowhere else)`,
    '',
    'Ask:',
    `  curl ${resolver}/services`,
    `  curl ${resolver}/services/stock-price`,
    `  curl -H 'Accept: text/plain' ${resolver}/resolve/weather`,
    `  curl -L ${resolver}/go/stock-price/    # follows the redirect to a task`,
    `  curl -L ${resolver}/go/portal/         # the portal asks the two others, found through the resolver`,
    `  curl ${resolver}/prometheus/sd         # the same for Prometheus, and below for Consul's and Eureka's clients`,
    `  curl '${resolver}/v1/health/service/stock-price?passing'`,
    `  curl -H 'Accept: application/json' ${resolver}/eureka/apps`,
    `  curl ${consul.url}/v1/catalog/services`,
    `  curl -H 'Accept: application/json' ${eureka.url}/apps`,
    `  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws --region eu-central-1 --endpoint-url ${aws} ecs list-tasks --cluster example`,
    'Change something:',
    ...examples,
    '',
    'look: a second look at a task that was not settled, 5, 10, 20, 40 and 60 s later',
    'reconcile: by the round of each minute, or by r; what it finds has no time of its own (✓)',
  ];
  return lines.map((line) => withinColumns(line, columns)).join('\n');
};

/** Each port that was wanted, and where its server is now: nowhere if a real one is used. */
const portsInUse = ({ resolver, control, aws, consul, eureka }: Addresses): readonly string[] => {
  const moved = (
    [
      [PORTS.resolver, resolver],
      [PORTS.control, control],
      [PORTS.aws, aws],
      [PORTS.consul, consul.isReal ? undefined : consul.url],
      [PORTS.eureka, eureka.isReal ? undefined : eureka.url],
    ] as const
  ).flatMap(([port, url]) => (url && new URL(url).port !== String(port) ? [port] : []));
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
