import { type Listening, listen } from '../listen.ts';

/**
 * The processes of one task's containers: they listen where Docker, or the task's own interface,
 * would have them listen.
 */
export interface App {
  readonly address: string;
  /** Host port by container port. */
  readonly ports: Readonly<Record<number, number>>;
  /** What its health check finds. */
  healthy: boolean;
  /** The process ends, with or without ECS's doing. */
  readonly stopped: boolean;
  /** One container's ends: nothing listens on its ports any more. */
  close(containerPorts: readonly number[]): Promise<void>;
  stop(): Promise<void>;
}

/** What a container answers on a port; its text is sent as JSON. */
export type Respond = (port: number, from: string) => Promise<unknown> | unknown;

export interface AppOptions {
  readonly address: string;
  /** Container ports; the real ones are any that are free, unless `fixed`. */
  readonly containerPorts: readonly number[];
  readonly fixed: boolean;
  readonly respond: Respond;
}

/** Rejects where an address or a fixed port cannot be bound. */
export const startApp = async ({
  address,
  containerPorts,
  fixed,
  respond,
}: AppOptions): Promise<App> => {
  const state = { healthy: true, stopped: false };
  const servers = new Map<number, Listening>();
  const stop = async () => {
    state.stopped = true;
    await Promise.all([...servers.values()].map((server) => server.stop()));
  };
  const open = async (containerPort: number): Promise<Listening> => {
    const server = await listen(
      async (request, response) => {
        const failed = request.url === '/health' && !state.healthy;
        const answer = await answerOf(() => respond(containerPort, server.url));
        response.writeHead(failed ? 503 : answer.status, { 'content-type': 'application/json' });
        response.end(`${JSON.stringify(failed ? { status: 'failing' } : answer.body)}\n`);
      },
      { host: address, port: fixed ? containerPort : 0 },
    );
    return server;
  };
  try {
    for (const port of containerPorts) servers.set(port, await open(port));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    address,
    async close(containerPorts) {
      await Promise.all(containerPorts.map((port) => servers.get(port)?.stop()));
    },
    ports: Object.fromEntries(
      [...servers].map(([containerPort, { port }]) => [containerPort, port]),
    ),
    get healthy() {
      return state.healthy;
    },
    set healthy(healthy) {
      state.healthy = healthy;
    },
    get stopped() {
      return state.stopped;
    },
    stop,
  };
};

const answerOf = async (respond: () => unknown): Promise<{ status: number; body: unknown }> => {
  try {
    return { status: 200, body: await respond() };
  } catch (error) {
    return { status: 502, body: { error: error instanceof Error ? error.message : String(error) } };
  }
};
