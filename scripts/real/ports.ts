import { createServer, type Server } from 'node:net';

const ATTEMPTS = 4;

/** Starts something on free loopback ports, and on others where somebody took one in between. */
export const onFreePorts = async <T>(
  count: number,
  start: (ports: readonly number[]) => Promise<T>,
): Promise<T> => {
  for (let attempt = 1; ; attempt++)
    try {
      return await start(await freePorts(count));
    } catch (error) {
      if (attempt === ATTEMPTS || !/already in use/i.test(String(error))) throw error;
    }
};

/**
 * Loopback ports that are free now, all different. Nothing keeps another process from taking one
 * before it is used.
 */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, open));
  const ports = servers.map((server) => Object(server.address()).port as number);
  await Promise.all(servers.map(close));
  return ports;
};

const open = () =>
  new Promise<Server>((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });

const close = (server: Server) => new Promise((resolve) => server.close(resolve));
