import { errorText } from './error-text.ts';

/** Whether one thing that a function needs can be asked from where it runs. */
export interface Reached {
  /** `ecs`, `parameters`, or a registry's name. */
  readonly what: string;
  readonly milliseconds: number;
  /** Why it cannot. */
  readonly error?: string;
}

/** Asks once, whatever the answer is; never rejects. */
export const reach = async (what: string, ask: () => Promise<unknown>): Promise<Reached> => {
  const began = performance.now();
  const failed = await ask().then(
    () => ({}),
    (error: unknown) => ({ error: errorText(error) }),
  );
  return { what, milliseconds: Math.round(performance.now() - began), ...failed };
};
