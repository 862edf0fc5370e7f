import { describe, expect, it, vi } from 'vitest';
import { createKeyboard, keysHelp } from '../../../local/keys.ts';

const keyboard = () => {
  const said: string[] = [];
  const quit = vi.fn();
  const keys = ['a', 'b'].map((key) => ({
    key,
    help: `does ${key}`,
    press: async () => `pressed ${key}`,
  }));
  keys.push({
    key: 'c',
    help: 'fails',
    press: async () => {
      throw new Error('no host is left');
    },
  });
  return {
    press: createKeyboard(keys, { print: (text) => said.push(text), quit }),
    said,
    quit,
    keys,
  };
};

describe('keys', () => {
  it('that come in one read are all pressed', async () => {
    const { press, said } = keyboard();
    press('abca');
    await expect
      .poll(() => said.filter((text) => !text.startsWith('\n[')).toSorted())
      .toEqual(['no host is left', 'pressed a', 'pressed a', 'pressed b']);
  });

  it('say at once what they are about to do, and then what came of it', async () => {
    const { press, said } = keyboard();
    press('a');
    expect(said).toEqual(['\n[a] does a']);
    await expect.poll(() => said).toEqual(['\n[a] does a', 'pressed a']);
  });

  it.each(['q', '\u0003', '\u0004', 'a\u0003', 'bbq'])('end the run with %j', (read) => {
    const { press, quit } = keyboard();
    press(read);
    expect(quit).toHaveBeenCalledOnce();
  });

  it.each(['z', '\u001b[A', '\u001b[15~', 'zzz'])(
    'that are none print the help, once (%j)',
    (read) => {
      const { press, said, keys } = keyboard();
      press(read);
      expect(said).toEqual([keysHelp(keys)]);
    },
  );

  it('are listed in the columns there are', () => {
    const { keys } = keyboard();
    expect(keysHelp(keys, 18)).toBe('a does a\nb does b   c fails\nq quit, any other: this list');
  });
});
