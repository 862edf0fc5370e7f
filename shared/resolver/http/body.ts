const crypto = process.getBuiltinModule('node:crypto');
const zlib = process.getBuiltinModule('node:zlib');

/**
 * What is made of a body: its digest and its compressed form. Of bytes, which are sent many times,
 * each is made once, and kept for as long as the bytes are.
 */
const digests = new WeakMap<Buffer, Buffer>();
const compressed = new WeakMap<Buffer, { readonly done: Promise<Buffer>; size: number }>();

/** SHA-256. */
export const digestOf = (body: string | Buffer): Buffer => {
  const known = typeof body === 'string' ? undefined : digests.get(body);
  if (known) return known;
  const digest = crypto.hash('sha256', body, 'buffer');
  if (typeof body !== 'string') digests.set(body, digest);
  return digest;
};

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
    end(): Buffer {
      const bytes = Buffer.concat(chunks);
      digests.set(bytes, hash.digest());
      return bytes;
    },
  };
};

export const gzip = (body: string | Buffer): Promise<Buffer> => {
  if (typeof body === 'string') return compress(body);
  const known = compressed.get(body);
  if (known) return known.done;
  const made = { done: compress(body), size: 0 };
  compressed.set(body, made);
  made.done.then(
    ({ length }) => {
      made.size = length;
    },
    () => compressed.delete(body),
  );
  return made.done;
};

/** In another thread. */
const compress = (body: string | Buffer) =>
  new Promise<Buffer>((resolve, reject) => {
    zlib.gzip(body, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });

/** Bytes of memory that the body takes, with what was made of it. */
export const sizeOf = (body: Buffer): number => body.length + (compressed.get(body)?.size ?? 0);
