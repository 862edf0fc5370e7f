import { createServer, type RequestListener } from 'node:http';

export interface Listening {
  readonly url: string;
  readonly port: number;
  /** Drops what is still open. */
  stop(): Promise<void>;
}

/** Rejects when the address cannot be had. Port 0: any free one. */
export const listen = (
  listener: RequestListener,
  { port = 0, host = '127.0.0.1' }: { readonly port?: number; readonly host?: string } = {},
): Promise<Listening> =>
  new Promise((resolve, reject) => {
    const server = createServer(listener);
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address ? address.port : port;
      const stop = () =>
        new Promise<void>((stopped) => {
          server.close(() => stopped());
          server.closeAllConnections();
        });
      resolve({ url: `http://${host}:${bound}`, port: bound, stop });
    });
  });

/** On the preferred port, or on any other where somebody has that. */
export const nearPort = async <T>(
  start: (port: number) => Promise<T>,
  preferred = 0,
): Promise<T> => {
  try {
    return await start(preferred);
  } catch (error) {
    if (preferred === 0 || !/^(EADDRINUSE|EACCES)$/.test(Object(error).code)) throw error;
    return start(0);
  }
};
