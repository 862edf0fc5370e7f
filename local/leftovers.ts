import type { Stack } from './stack.ts';

/** Whether something outlives this run: a real registry does, the addresses in it do not. */
export const outlivesRun = ({ consul, eureka }: Stack): boolean => !consul || !eureka;

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
