import { createServer, request as send } from 'node:http';

export interface CountingProxy {
  readonly url: string;
  /** Requests that came so far. */
  readonly count: () => number;
  readonly stop: () => Promise<void>;
}

/** Hands on whatever comes to a server of this machine, and counts the requests. */
export const startCountingProxy = async (target: string): Promise<CountingProxy> => {
  const { hostname, port } = new URL(target);
  let count = 0;
  const server = createServer((asked, answered) => {
    count++;
    const { method, url: path, headers } = asked;
    const upstream = send({ hostname, port, method, path, headers }, (answer) => {
      answered.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(answered);
    });
    upstream.on('error', () => answered.destroy());
    answered.on('close', () => upstream.destroy());
    asked.pipe(upstream);
  });
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${Object(server.address()).port}`,
    count: () => count,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
