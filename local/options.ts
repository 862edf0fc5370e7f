import { parseArgs } from 'node:util';

export type Options =
  | { readonly run: 'help' }
  | { readonly run: 'replay'; readonly file: string; readonly aws: boolean; readonly json: boolean }
  | { readonly run: 'once' | 'live'; readonly real: boolean; readonly json: boolean };

export class InvalidOptions extends Error {}

export const HELP = `npm start [-- options]

Runs Rollcall on this machine: an example cluster comes and goes, and its tasks are registered by the very
handlers that are deployed.

  --once        tell the whole story unattended, check every step, exit 0 or 1
  --event FILE  say what a recorded event would do, and why; nothing is written. FILE holds an event as EventBridge
                delivers it, or {"event": …, "taskDefinition": …, "hosts": …, "networkInterfaces": …}: what
                \`aws ecs describe-task-definition --include TAGS\`, \`aws ec2 describe-instances\` (for ECS Anywhere
                \`aws ssm describe-instance-information\`) and \`aws ec2 describe-network-interfaces\` print;
                what is left out is assumed, and that is said
  --aws         with --event: read the account that the environment's credentials name, in the event's region, and
                compare with those registries that ROLLCALL_NAMESPACE, CONSUL_HTTP_ADDR and
                EUREKA_CLIENT_SERVICEURL_DEFAULTZONE name; with empty ones where none is set
  --real        real registries in place of the in-process ones: those that CONSUL_HTTP_ADDR and
                EUREKA_CLIENT_SERVICEURL_DEFAULTZONE name
  --json        the handlers' log lines as they are
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
    return { run: 'replay', file: event, aws, json };
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
