import { afterEach, beforeEach } from 'vitest';
import { startVirtualTime, type VirtualTime } from './virtual-time.ts';

/** To be called at the top of a test file: in its tests nothing is a matter of real time. */
export const useVirtualTime = (): void => {
  let time: VirtualTime;
  beforeEach(() => {
    time = startVirtualTime();
    time.run();
  });
  afterEach(() => time.stop());
};
