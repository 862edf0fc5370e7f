import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

/** An address that stays while what answers there changes, as a load balancer's does. */
export interface Relay {
  /** host:port. */
  readonly address: string;
  /** From now on connections lead to this loopback port; without one they are closed at once. */
  leadTo(port?: number): void;
  stop(): Promise<void>;
}

export const startRelay = async (): Promise<Relay> => {
  let target: number | undefined;
  const server = createServer((client) => {
    if (target === undefined) return client.destroy();
    const upstream = connect(target, '127.0.0.1');
    // Whichever side ends or fails first takes the other with it.
    pipeline(client, upstream, client, () => {
      client.destroy();
      upstream.destroy();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `127.0.0.1:${Object(server.address()).port}`,
    leadTo: (port) => {
      target = port;
    },
    stop: () => new Promise((stopped) => server.close(() => stopped())),
  };
};
