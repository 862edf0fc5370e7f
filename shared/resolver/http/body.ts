import crypto from 'node:crypto';

/** A body that is sent many times. What is made of it is made once. */
export interface Body {
  /** Bytes as they are, not compressed. */
  readonly length: number;
  /** SHA-256, in one call: an object for each hash costs the process more than the hash. */
  readonly digest: Buffer;
  /** At once, where it is kept as it is. */
  readonly plain: () => Buffer | Promise<Buffer>;
  readonly gzip: () => Promise<Buffer>;
  /** Bytes of memory that it takes now. */
  readonly size: () => number;
}

/**
 * Bytes above which a body is kept in its compressed form alone, once there is one: a list of all
 * instances takes a tenth of the memory, and nearly all who ask for one take it compressed.
 */
const LARGE = 1_000_000;

/** `digest`: SHA-256 of the bytes, where it is known. */
export const createBody = (bytes: Buffer, digest = digestOf(bytes)): Body => {
  const { length } = bytes;
  let plain: Buffer | undefined = bytes;
  let packed: { readonly done: Promise<Buffer>; size: number } | undefined;

  const compress = () => {
    // What is not compressed yet is there as it is.
    const made = { done: compressed(plain ?? ''), size: 0 };
    made.done.then(
      (result) => {
        made.size = result.length;
        if (length > LARGE) plain = undefined;
      },
      () => {
        packed = undefined;
      },
    );
    return made;
  };
  const gzip = () => {
    packed ??= compress();
    return packed.done;
  };
  return {
    length,
    digest,
    plain: () => plain ?? gzip().then(unpack),
    gzip,
    size: () => (plain?.length ?? 0) + (packed?.size ?? 0),
  };
};

/** SHA-256. */
export const digestOf = (body: string | Buffer): Buffer => crypto.hash('sha256', body, 'buffer');

/** Bytes that are put together piece by piece; their digest is made on the way. */
export const createBytes = () => {
  const hash = crypto.createHash('sha256');
  const chunks: Buffer[] = [];
  return {
    add(text: string) {
      const chunk = Buffer.from(text);
      hash.update(chunk);
      chunks.push(chunk);
    },
    end: (): Body => createBody(Buffer.concat(chunks), hash.digest()),
  };
};

/** Loaded when a body is first compressed: short ones never are. */
const zlib = () => process.getBuiltinModule('node:zlib');

/** Compressed, in another thread. */
export const compressed = (body: string | Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    zlib().gzip(body, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });

const unpack = (bytes: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    zlib().gunzip(bytes, (error, plain) => (error ? reject(error) : resolve(plain)));
  });
