import timers from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';

/** Frees whatever nothing leads to any more. */
export const collectGarbage = async (): Promise<void> => {
  // What a WeakRef has given is held until then.
  await timers.setImmediate();
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc')();
};
