import { afterEach, describe, expect, it, vi } from 'vitest';
import { digestOf } from '../../../../shared/resolver/http/body.ts';
import { isSameToken } from '../../../../shared/resolver/pipeline/tokens.ts';

const crypto = process.getBuiltinModule('node:crypto');
afterEach(() => vi.restoreAllMocks());

const knownAs = (text: string) => ({ client: 'shop', text, digest: digestOf(text) });

describe('the same token', () => {
  it('is hashed once, and compared each time, with all others in constant time', () => {
    const [right, other] = [knownAs('sent-often'), knownAs('another')];
    const hash = vi.spyOn(crypto, 'hash');
    const compare = vi.spyOn(crypto, 'timingSafeEqual');
    for (let time = 0; time < 3; time++) {
      const isSame = isSameToken('sent-often');
      expect([isSame(other), isSame(right)]).toEqual([false, true]);
    }
    expect(hash).toHaveBeenCalledTimes(1);
    expect(compare).toHaveBeenCalledTimes(6);
  });

  it('takes no more memory for who sends many, or long ones', () => {
    isSameToken('first');
    for (let at = 0; at < 200; at++) isSameToken(`guess-${at}`);
    const hash = vi.spyOn(crypto, 'hash');
    isSameToken('first');
    expect(hash).toHaveBeenCalledTimes(1);
    const long = 'x'.repeat(10_000);
    for (let time = 0; time < 2; time++)
      expect(isSameToken(long)(knownAs('y'.repeat(10_000)))).toBe(false);
    // Those of the known ones too.
    expect(hash).toHaveBeenCalledTimes(1 + 2 + 2);
  });
});
