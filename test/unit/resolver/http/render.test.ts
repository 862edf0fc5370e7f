import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import zlib, { type Gzip, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  jsonList,
  jsonObject,
  type Pieces,
  render,
} from '../../../../shared/resolver/http/render.ts';

import { collectGarbage } from '../../../support/garbage.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The streams that compress from now on. */
const watchGzip = () => {
  const streams: Gzip[] = [];
  const createGzip = () => {
    const stream = zlib.createGzip();
    streams.push(stream);
    return stream;
  };
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue({ ...zlib, createGzip } as never);
  return streams;
};

const textOf = async (pieces: Pieces) => String(await (await render(pieces)).plain());

describe('a body', () => {
  it('is its pieces in order, with the digest of all of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 30_000 }), { maxLength: 6 }),
        async (pieces) => {
          const body = await render(pieces);
          const bytes = await body.plain();
          expect(String(bytes)).toBe(pieces.join('').toWellFormed());
          expect(body.digest).toEqual(createHash('sha256').update(bytes).digest());
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is JSON, whatever is listed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (object) => {
        const entries = Object.entries(object);
        expect(await textOf(jsonObject(entries))).toBe(JSON.stringify(Object.fromEntries(entries)));
        expect(await textOf(jsonList(entries, ([, one]) => one))).toBe(
          JSON.stringify(Object.values(object)),
        );
      }),
    );
  });

  it('lets others in while it is rendered', async () => {
    let clock = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => clock);
    const entry = () => {
      clock += 3;
      return 1;
    };
    let done = false;
    const rendering = render(jsonList(Array(10).fill(0), entry)).then(() => {
      done = true;
    });
    let turns = 0;
    for (; !done; turns++) await setImmediate();
    await rendering;
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  it('is compressed once', async () => {
    const body = await render(['x'.repeat(5_000)]);
    expect(body.gzip()).toBe(body.gzip());
  });

  it('takes no more memory than it counts, compressed or not, where it is short', async () => {
    const used = async () => {
      await collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    const before = await used();
    const bodies = [];
    for (let at = 0; at < 500; at++) {
      const body = await render([`${at}`.repeat(500)]);
      await body.gzip();
      bodies.push(body);
    }
    const counted = bodies.reduce((sum, body) => sum + body.size(), 0);
    // What compressing itself took is freed in another thread, some time later.
    await expect
      .poll(async () => (await used()) - before, { timeout: 30_000 })
      .toBeLessThan(counted);
  });

  it('is compressed alone from its beginning where it is large, and the same as it is', async () => {
    const pieces = Array.from({ length: 300 }, (_, at) => `${at}`.padEnd(9_000, 'ü'));
    const body = await render(pieces);
    const packed = await body.gzip();
    // With the text that it is sent as.
    expect(body.size()).toBe(2 * packed.length);
    expect(packed.length).toBeLessThan(body.length / 20);
    expect(await body.gzip()).toBe(packed);
    const plain = await body.plain();
    expect([String(plain), plain.length]).toEqual([pieces.join(''), body.length]);
    expect(gunzipSync(packed)).toEqual(plain);
    expect(body.digest).toEqual(createHash('sha256').update(plain).digest());
  });

  it('is as it is and compressed, once it was asked for so, where it is not large', async () => {
    const body = await render(['x'.repeat(900_000)]);
    expect(body.size()).toBe(900_000);
    const packed = await body.gzip();
    expect(body.size()).toBe(900_000 + 2 * packed.length);
  });

  it('is there as it is once for all who take it at the same time, where it is large', async () => {
    const body = await render(['x'.repeat(1_000_001)]);
    const [first, second] = await Promise.all([body.plain(), body.plain()]);
    const third = await body.plain();
    expect([second === first, third === first]).toEqual([true, true]);
  });

  it('leaves nothing behind where rendering fails in the middle of a large one', async () => {
    const streams = watchGzip();
    function* broken() {
      yield 'x'.repeat(1_500_000);
      throw new Error('no entry');
    }
    await expect(render(broken())).rejects.toThrow('no entry');
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([true]);
  });

  it('fails where it cannot be compressed, before as after the last piece', async () => {
    const streams = watchGzip();
    function* pieces(breaksAt: number) {
      for (let at = 0; at < 4; at++) {
        if (at === breaksAt) streams.at(-1)?.destroy(new Error('no memory'));
        yield 'x'.repeat(1_500_000);
      }
    }
    for (const at of [1, 3]) await expect(render(pieces(at))).rejects.toThrow('no memory');
  });
});
