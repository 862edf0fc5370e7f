import type { DefinitionInput } from '../aws/world/shapes.ts';
import { getText } from '../traffic.ts';
import type { Respond } from './app.ts';

/** One ECS service of the example: what it declares, and what its containers do. */
export interface ExampleService {
  readonly name: string;
  readonly tasks: number;
  readonly definition: DefinitionInput;
  /** Under which name each container port is registered; one that is not named here is left out. */
  readonly registeredAs: Readonly<Record<number, string>>;
  /** For a new task: what its containers answer. */
  readonly program: () => Respond;
}

export interface Surroundings {
  readonly resolverUrl: string;
  /** The weather's container port: its tasks have addresses of their own, and share it. */
  readonly weatherPort: number;
  /**
   * Whether this machine has addresses enough for that; else the weather runs behind dynamic ports
   * too.
   */
  readonly ownAddresses: boolean;
}

/** A portal that finds the two others through the resolver. */
export const exampleServices = (around: Surroundings): readonly ExampleService[] => [
  {
    name: 'portal',
    tasks: 2,
    definition: {
      family: 'portal',
      networkMode: 'bridge',
      containerDefinitions: [
        {
          name: 'portal',
          image: 'example/portal:1',
          portMappings: [{ name: 'http', containerPort: 8080 }],
          environment: [{ name: 'RESOLVER_URL', value: around.resolverUrl }],
        },
      ],
    },
    registeredAs: { 8080: 'portal' },
    program: () => portal(around.resolverUrl),
  },
  {
    name: 'stock-price',
    tasks: 3,
    definition: {
      family: 'stock-price',
      networkMode: 'bridge',
      containerDefinitions: [
        {
          name: 'quotes',
          image: 'example/stock-price:4',
          portMappings: [{ name: 'http', containerPort: 8080 }],
          // Two ports: without a name of its own each would carry the port's.
          dockerLabels: {
            SERVICE_8080_NAME: 'stock-price',
            SERVICE_TAGS: 'prices,v4',
            SERVICE_8080_currency: 'EUR',
            SERVICE_8080_CHECK_HTTP: '/health',
          },
        },
        {
          name: 'metrics',
          image: 'example/metrics:1',
          // Prices are told without it too.
          essential: false,
          portMappings: [{ name: 'metrics', containerPort: 9090 }],
          dockerLabels: { SERVICE_9090_NAME: 'stock-price-metrics', SERVICE_TAGS: 'prices,v4' },
        },
      ],
    },
    registeredAs: { 8080: 'stock-price', 9090: 'stock-price-metrics' },
    program: stockPrice,
  },
  {
    name: 'weather',
    tasks: 2,
    definition: {
      family: 'weather',
      ...(around.ownAddresses
        ? { networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] }
        : { networkMode: 'bridge' }),
      containerDefinitions: [
        {
          name: 'weather',
          image: 'example/weather:2',
          portMappings: [{ name: 'http', containerPort: around.weatherPort }],
          healthCheck: { command: ['CMD-SHELL', 'curl -f http://localhost/health'] },
        },
      ],
      tags: [{ key: 'rollcall:tags', value: 'forecast outdoor' }],
    },
    registeredAs: { [around.weatherPort]: 'weather' },
    program: weather,
  },
  news('news-eu'),
  news('news-us'),
];

/** Two of these share one name, and each has a port that is left out, both on purpose. */
const news = (name: string): ExampleService => ({
  name,
  tasks: 1,
  definition: {
    family: name,
    networkMode: 'bridge',
    containerDefinitions: [
      {
        name,
        image: 'example/news:7',
        portMappings: [
          { name: 'http', containerPort: 8080 },
          { name: 'admin', containerPort: 9000 },
        ],
        // For whoever is on the host, and for nobody's clients.
        dockerLabels: { SERVICE_9000_IGNORE: 'true' },
      },
    ],
    tags: [{ key: 'rollcall:name', value: 'news' }],
  },
  registeredAs: { 8080: 'news' },
  program: () => (_port, from) => ({ edition: name, from }),
});

const stockPrice = (): Respond => {
  let price = 41.2;
  return (port, from) => {
    if (port === 9090) return { quotes_total: Math.round(price * 100), from };
    price = Math.round((price + Math.random() - 0.5) * 100) / 100;
    return { symbol: 'ACME', price, currency: 'EUR', from };
  };
};

const weather = (): Respond => {
  const degrees = 12 + Math.round(Math.random() * 8);
  return (_port, from) => ({ place: 'Weiler', sky: 'clear', degrees, from });
};

/** Milliseconds that the portal waits for another service. */
const PATIENCE = 2_000;

/** One it asks for an address, the other it is redirected to: the resolver's two ways. */
const portal =
  (resolverUrl: string): Respond =>
  async (_port, from) => ({
    from,
    stockPrice: await resolved(resolverUrl),
    weather: await redirected(resolverUrl),
  });

const resolved = async (resolverUrl: string): Promise<unknown> => {
  const place = await getText(`${resolverUrl}/resolve/stock-price`, PATIENCE, {
    accept: 'text/plain',
  });
  return JSON.parse(await getText(`http://${place}/`, PATIENCE));
};

const redirected = async (resolverUrl: string): Promise<unknown> =>
  JSON.parse(await getText(`${resolverUrl}/go/weather/today`, PATIENCE));
