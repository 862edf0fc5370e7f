/** Made once. A failure is not kept: the next call tries again, and fails as clearly. */
export const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
};

/** Milliseconds. Lambda gives an initialisation 10 s, then throws it away. */
const PATIENCE = 5_000;

/**
 * The same, and in Lambda made before it resolves, since an environment has more of a processor
 * while it is initialised than small functions have in their first invocation. What fails, or takes
 * longer, is left to that.
 */
export const onceAtStart = async <T>(
  make: () => Promise<T>,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<() => Promise<T>> => {
  const get = once(make);
  // Lambda sets it in every environment. Elsewhere settings may still be on their way.
  if (!environment['AWS_LAMBDA_INITIALIZATION_TYPE']) return get;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  const made = get().then(
    () => {},
    () => {},
  );
  await Promise.race([made, over]);
  clearTimeout(timer);
  return get;
};
