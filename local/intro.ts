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
    // Nobody can press `?` for it there, and the command needs it where it is not the usual.
    ...(keys.length === 0 || isMoved(PORTS.aws, addresses.aws)
      ? [`  AWS       ${addresses.aws}    rollcall … --local --endpoint-url`]
      : []),
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

/** Behind `?`: commands to try, and below them every address, in a screen of 80 by 24. */
export const more = ({ resolver, control, aws, consul, eureka }: Addresses): string => {
  const kind = ({ isReal }: Address) => (isReal ? 'real' : 'simulated');
  return [
    'Ask:',
    `  curl ${resolver}/services/stock-price`,
    `  curl -H 'Accept: text/plain' ${resolver}/resolve/weather`,
    `  curl -L ${resolver}/go/portal/    # it finds the two others in turn`,
    `  curl '${resolver}/v1/health/service/stock-price?passing'`,
    `  curl -H 'Accept: application/json' ${resolver}/eureka/apps`,
    `  npx --no-install ${rollcallAt(aws)}`,
    '  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \\',
    `  aws --region eu-central-1 --endpoint-url ${aws} \\`,
    '  ecs list-tasks --cluster example',
    'Change something:',
    `  curl ${control}    # all that can be done`,
    `  curl -X POST ${control}/scale \\`,
    `  -d '{"service":"stock-price","count":5}'`,
    '',
    'look: again at a task that was not settled, after 5, 10, 20, 40 and 60 s',
    'ms: exact here; rollcall history counts from events, which tell whole seconds',
    '',
    `resolver   ${resolver}    (open to this machine)`,
    `AWS        ${aws}    (simulated)`,
    `Consul     ${consul.url}    (${kind(consul)})`,
    `Eureka     ${eureka.url}    (${kind(eureka)})`,
  ].join('\n');
};

/** The command against this run, whose AWS may be at another port than the usual. */
const rollcallAt = (aws: string) =>
  `rollcall plan --local${isMoved(PORTS.aws, aws) ? ` --endpoint-url ${aws}` : ''}`;

const isMoved = (port: number, url: string) => new URL(url).port !== String(port);

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
  ).flatMap(([port, url]) => (url && isMoved(port, url) ? [port] : []));
  if (moved.length === 0) return [];
  return [`${moved.join(', ')} ${moved.length > 1 ? 'are' : 'is'} in use: others were taken`, ''];
};
