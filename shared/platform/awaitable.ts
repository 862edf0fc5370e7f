/**
 * What is there at once, or comes later. Most answers are kept, and pass a dozen steps: a promise
 * for each took longer than all that they do.
 */
export type Awaitable<T> = T | Promise<T>;

/** Goes on with what is there: at once where it is, else when it comes. */
export const andThen = <T, R>(
  given: Awaitable<T>,
  next: (value: T) => Awaitable<R>,
): Awaitable<R> => (given instanceof Promise ? given.then(next) : next(given));

/** What the work gives, or what is made of its failure. */
export const orElse = <T>(
  work: () => Awaitable<T>,
  recover: (error: unknown) => T,
): Awaitable<T> => {
  try {
    const given = work();
    return given instanceof Promise ? given.catch(recover) : given;
  } catch (error) {
    return recover(error);
  }
};
