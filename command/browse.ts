import { spawn } from 'node:child_process';

/** What opens an address, by platform; elsewhere freedesktop's. */
const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Whether a browser was asked to show it. Nobody waits for the browser. */
export const browse = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [program = 'xdg-open', ...args] = OPENERS[process.platform] ?? [];
    const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
