import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, gzip } from '../../../../shared/resolver/http/body.ts';
import { jsonList, jsonObject, render } from '../../../../shared/resolver/http/render.ts';

describe('a body', () => {
  it('is its pieces in order, with the digest of all of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 30_000 }), { maxLength: 6 }),
        async (pieces) => {
          const body = await render(pieces);
          expect(String(body)).toBe(pieces.join('').toWellFormed());
          expect(digestOf(body)).toEqual(createHash('sha256').update(body).digest());
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is JSON, whatever is listed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (object) => {
        const entries = Object.entries(object);
        expect(String(await render(jsonObject(entries)))).toBe(
          JSON.stringify(Object.fromEntries(entries)),
        );
        expect(String(await render(jsonList(entries, ([, one]) => one)))).toBe(
          JSON.stringify(Object.values(object)),
        );
      }),
    );
  });

  it('lets others in while it is rendered', async () => {
    const entry = () => {
      const until = performance.now() + 3;
      while (performance.now() < until);
      return 1;
    };
    let done = false;
    const rendering = render(jsonList(Array(10).fill(0), entry)).then(() => {
      done = true;
    });
    let turns = 0;
    for (; !done; turns++) await setImmediate();
    await rendering;
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('is compressed once', async () => {
    const body = await render(['x'.repeat(5_000)]);
    expect(gzip(body)).toBe(gzip(body));
  });
});
