import { readConfig } from '../shared/config/load.ts';
import { errorText } from '../shared/platform/error-text.ts';
import { createDirectory } from '../shared/registries/directories.ts';
import { captureLog } from './log.ts';
import type { Stack } from './stack.ts';
import { firstUrl } from './story/held.ts';

/** Whether something outlives this run: a real registry does, the addresses in it do not. */
export const outlivesRun = ({ consul, eureka }: Stack): boolean => !consul || !eureka;

/** A real registry that cannot be used, in words for whoever chose it. */
export class Unusable extends Error {}

/**
 * Takes every record of ours out of the registries, and leaves the functions under `observe`.
 * Returns what was done, in words.
 */
export const takeOut = async (stack: Stack): Promise<string> => {
  await stack.redeploy({ ROLLCALL_POLICY: 'observe' });
  try {
    return (await stack.operate({ command: 'purge' })).text;
  } catch (error) {
    return `not all could be taken out: ${error}`;
  }
};

/**
 * Before a run: one that was killed has left its records. Throws Unusable where a real registry
 * cannot be read.
 */
export const clear = async (stack: Stack): Promise<void> => {
  await requireRegistries(stack);
  const release = captureLog(() => {});
  await takeOut(stack);
  release();
  await stack.redeploy({ ROLLCALL_POLICY: 'sync' });
};

const VARIABLES = {
  consul: { title: 'Consul', variable: 'CONSUL_HTTP_ADDR' },
  eureka: { title: 'Eureka', variable: 'EUREKA_CLIENT_SERVICEURL_DEFAULTZONE' },
} as const;

/** Milliseconds within which a registry must have answered. */
const PATIENCE = 10_000;

const requireRegistries = async (stack: Stack) => {
  const config = await readConfig().catch((error: unknown) => {
    throw new Unusable(`--real: ${errorText(error)}`);
  });
  const real = (['consul', 'eureka'] as const).filter((name) => !stack[name]);
  const faults = await Promise.all(
    real.map(async (name) => {
      const directory = await createDirectory(name, config);
      try {
        await directory.everything(AbortSignal.timeout(PATIENCE));
        return [];
      } catch (error) {
        const { title, variable } = VARIABLES[name];
        const { url } = firstUrl(stack.environment[variable] ?? '');
        return [
          `--real: ${title} at ${url} cannot be used: ${errorText(error)}`,
          `Start it, or correct ${variable}; without it a simulated ${title} is used.`,
        ];
      }
    }),
  );
  if (faults.flat().length > 0) throw new Unusable(faults.flat().join('\n'));
};
