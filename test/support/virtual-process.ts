import { startVirtualTime } from './virtual-time.ts';

/**
 * Preloaded into a process of its own (`node --import`) that nobody outside talks to: it waits for
 * nothing.
 */
startVirtualTime().run();
