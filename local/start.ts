import { realRegistries, type Variables } from './environment.ts';
import { Unusable } from './leftovers.ts';
import { HELP, InvalidOptions, type Options, parseOptions } from './options.ts';
import { runLive } from './run-live.ts';
import { runOnce } from './run-once.ts';

const USAGE = 2;

const main = async (args: readonly string[]): Promise<number> => {
  const options = parseOptions(args);
  switch (options.run) {
    case 'help':
      console.log(HELP);
      return 0;
    case 'preview': {
      const { runCommand } = await import('../command/start.ts');
      return runCommand(options.args);
    }
    case 'once':
      return runOnce({ ...options, real: chosen(options) });
    case 'live':
      return runLive({ ...options, real: chosen(options) });
  }
};

const chosen = ({ real }: Options & { readonly real: boolean }): Variables => {
  if (!real) return {};
  const found = realRegistries(process.env);
  if (Object.keys(found).length > 0) return found;
  throw new InvalidOptions(
    '--real: expected CONSUL_HTTP_ADDR or EUREKA_CLIENT_SERVICEURL_DEFAULTZONE to be set, such as\n  CONSUL_HTTP_ADDR=http://127.0.0.1:8500 npm start -- --real',
  );
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Unusable) console.error(error.message);
  else if (error instanceof InvalidOptions) console.error(`${error.message}\n\n${HELP}`);
  else throw error;
  process.exitCode = USAGE;
}
