import crypto from 'node:crypto';
import type { Awaitable } from '../../platform/awaitable.ts';
import { memoize } from '../../platform/memoize.ts';

/** A body that is sent many times. What is made of it is made once. */
export interface Body {
  /** Bytes as they are, not compressed. */
  readonly length: number;
  /** SHA-256, in one call: an object for each hash costs the process more than the hash. */
  readonly digest: Buffer;
  /** At once, where it is kept as it is. */
  readonly plain: () => Awaitable<Buffer>;
  /** At once, from its second use on. */
  readonly gzip: () => Awaitable<Buffer>;
  /** Bytes of memory that it takes now. */
  readonly size: () => number;
}

/** Bytes of an answer that a connection takes at once, as a rule. */
export const AT_ONCE = 16_384;

/**
 * The same bytes, a character for each, to be sent as `latin1`: Node sends a text in one piece with
 * the headers, which takes up to a fifth less of the processor. For those that are taken at once.
 */
export const toText = memoize((bytes: Buffer): string => bytes.toString('latin1'));

/**
 * The same bytes in memory of their own: Node takes short buffers from a larger one, and zlib gives
 * the beginning of one of 16 KB, all of which stays as long as any of it.
 */
const ownMemory = (bytes: Buffer): Buffer => {
  if (bytes.buffer.byteLength === bytes.length) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
};

/** Bytes of memory, with that text. */
const memoryOf = ({ length }: Buffer) => (length <= AT_ONCE ? 2 * length : length);

/** `digest`: SHA-256 of the bytes, where it is known. */
export const createBody = (given: Buffer, digest = digestOf(given)): Body => {
  const bytes = ownMemory(given);
  let packed: Buffer | undefined;
  let packing: Promise<Buffer> | undefined;
  const pack = async () => {
    try {
      packed = ownMemory(await compressed(bytes));
      return packed;
    } finally {
      packing = undefined;
    }
  };
  return {
    length: bytes.length,
    digest,
    plain: () => bytes,
    gzip: () => {
      if (packed) return packed;
      packing ??= pack();
      return packing;
    },
    size: () => memoryOf(bytes) + (packed ? memoryOf(packed) : 0),
  };
};

/** One that is there in its compressed form alone. */
const packedBody = (packed: Buffer, { length, digest }: Pick<Body, 'length' | 'digest'>): Body => ({
  length,
  digest,
  plain: sharedWhileUsed(() => unpack(packed, length)),
  gzip: () => packed,
  size: () => memoryOf(packed),
});

/**
 * What `make` makes, for all who use it at the same time: each client that takes a large answer
 * slowly would else hold one of its own.
 */
const sharedWhileUsed = <T extends object>(make: () => Promise<T>) => {
  let made: WeakRef<T> | undefined;
  let making: Promise<T> | undefined;
  const start = () =>
    make()
      .then((value) => {
        made = new WeakRef(value);
        return value;
      })
      .finally(() => {
        making = undefined;
      });
  return async (): Promise<T> => {
    const known = made?.deref();
    if (known) return known;
    making ??= start();
    return making;
  };
};

/** SHA-256. */
export const digestOf = (body: string | Buffer): Buffer => crypto.hash('sha256', body, 'buffer');

/**
 * Bytes above which a body is never there as it is, only compressed, from its beginning: a list of
 * all instances takes a twentieth of the memory, and nearly all who ask for one take it compressed.
 */
const LARGE = 1_000_000;

/** Bytes that are put together piece by piece; their digest is made on the way. */
export const createBytes = () => {
  const hash = crypto.createHash('sha256');
  const chunks: Buffer[] = [];
  let length = 0;
  let packing: ReturnType<typeof startPacking> | undefined;
  return {
    /** Waits where compressing takes longer than rendering. */
    async add(text: string) {
      const chunk = Buffer.from(text);
      hash.update(chunk);
      chunks.push(chunk);
      length += chunk.length;
      if (length <= LARGE) return;
      packing ??= startPacking();
      await packing.add(Buffer.concat(chunks.splice(0)));
    },
    async end(): Promise<Body> {
      const digest = hash.digest();
      if (!packing) return createBody(Buffer.concat(chunks), digest);
      return packedBody(await packing.end(), { length, digest });
    },
    /** To be called in any case: rendering may fail before the end. */
    close: () => packing?.close(),
  };
};

/**
 * Compresses in another thread what comes piece by piece: one piece while the next one is
 * rendered.
 */
const startPacking = () => {
  const gzip = zlib().createGzip();
  const packed = gzip.toArray();
  // Told to who ends; where rendering has failed, nobody waits for it.
  packed.catch(() => {});
  let written: Promise<unknown> | undefined;
  return {
    async add(chunk: Buffer) {
      await written;
      written = new Promise((resolve) => gzip.write(chunk, resolve));
    },
    async end() {
      gzip.end();
      return Buffer.concat(await packed);
    },
    /** Frees what it takes, wherever it has come to. */
    close: () => gzip.destroy(),
  };
};

/** Loaded when a body is first compressed: short ones never are. */
const zlib = () => process.getBuiltinModule('node:zlib');

/** Compressed, in another thread. */
export const compressed = (body: string | Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    zlib().gzip(body, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });

/** In one piece, since those of zlib's own size would have to be put together. */
const unpack = (packed: Buffer, length: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    zlib().gunzip(packed, { chunkSize: length + 1 }, (error, plain) =>
      error ? reject(error) : resolve(plain),
    );
  });
