import { describe, expect, it, vi } from 'vitest';
import { createEnding } from '../../../local/ending.ts';

describe('the end of a run', () => {
  it('comes in order with the first Ctrl-C, told twice or not, and at once with the second', async () => {
    let time = 0;
    const exit = vi.fn();
    const ending = createEnding(exit, () => time);
    ending.interrupt();
    await ending.asked;
    ending.interrupt();
    expect(exit).not.toHaveBeenCalled();
    time = 1_000;
    ending.interrupt();
    expect(exit).toHaveBeenCalledWith(130);
  });

  it('is never forced by a reader who has gone', async () => {
    const exit = vi.fn();
    const ending = createEnding(exit, () => 0);
    ending.end();
    await ending.asked;
    ending.interrupt();
    expect(exit).not.toHaveBeenCalled();
  });
});
