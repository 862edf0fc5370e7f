import { parseArgs } from 'node:util';

export type Options =
  | { readonly run: 'help' }
  | { readonly run: 'preview'; readonly args: readonly string[] }
  | { readonly run: 'once' | 'live'; readonly real: boolean; readonly json: boolean };

export class InvalidOptions extends Error {}

export const HELP = `npm start [-- options]

Runs Rollcall on this machine: an example cluster comes and goes, and its tasks are registered by the very
handlers that are deployed.

  --once        tell the whole story unattended, check every step, exit 0 or 1
  --event FILE  the same as: rollcall preview FILE, which says what a recorded event, a task or a task definition
                would be registered as; nothing is written
  --aws         with --event: it reads the account that the environment's credentials name
                (rollcall preview --account FILE)
  --real        real registries in place of the in-process ones: those that CONSUL_HTTP_ADDR and
                EUREKA_CLIENT_SERVICEURL_DEFAULTZONE name
  --json        the handlers' log lines as they are; with --event the answer for programs
  --help        this text

  npm start -- --event test/fixtures/recordings/orders-with-labels.json
  AWS_PROFILE=default npm start -- --aws --event event.json

Without --real and --aws no variable of yours is read, and nothing outside this machine is called.`;

/** Unknown flags and combinations without sense are refused. */
export const parseOptions = (args: readonly string[]): Options => {
  const { help, once, real, json, aws, event } = parse(args);
  if (help) return { run: 'help' };
  if (event !== undefined) {
    if (once || real)
      throw new InvalidOptions('--event: expected neither --once nor --real beside it');
    const flags = [...(aws ? ['--account'] : []), ...(json ? ['--json'] : [])];
    return { run: 'preview', args: ['preview', event, ...flags] };
  }
  if (aws) throw new InvalidOptions('--aws: expected --event FILE beside it');
  return { run: once ? 'once' : 'live', real, json };
};

const flag = { type: 'boolean', default: false } as const;

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: flag,
        once: flag,
        real: flag,
        json: flag,
        aws: flag,
        event: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new InvalidOptions(error instanceof Error ? error.message : String(error));
  }
};
