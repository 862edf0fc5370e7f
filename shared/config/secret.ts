/**
 * Reads the text behind `secretsmanager:<arn>` or `ssm:<name>`. Rejects with a message that never
 * holds the text.
 */
export type ReadReference = (reference: string) => Promise<string>;

/**
 * A value that may have been given by reference. It is read at the start and kept; `refresh` reads
 * it again, since secrets are rotated under a running function: after a 401, a 403 or a fault of
 * TLS, and for the resolver's tokens by their age too, and where one is unknown. Its text shows in
 * no log: JSON and string conversion give `[secret]`.
 */
export interface Secret {
  reveal(): string;
  /** Whether the text has changed. One that was given itself, and no reference, never does. */
  refresh(): Promise<boolean>;
}

export const isReference = (text: string) => /^(secretsmanager|ssm):/.test(text);

export const plainSecret = (text: string): Secret =>
  hide(
    () => text,
    async () => false,
  );

export const secretByReference = async (
  reference: string,
  read: ReadReference,
): Promise<Secret> => {
  // A newline at the end, as editors leave it, would break the header that carries it.
  const readText = async () => (await read(reference)).trim();
  let text = await readText();
  return hide(
    () => text,
    async () => {
      const before = text;
      text = await readText();
      return text !== before;
    },
  );
};

/** Milliseconds between two tries to read what could not be read. */
const RETRY_INTERVAL = 30_000;

/**
 * A secret that could not be read at the start: `reveal` throws the reason, and nothing else fails.
 * It also begins another try, at most one in 30 seconds, since the right to read may come later.
 */
export const missingSecret = (reference: string, read: ReadReference, reason: string): Secret => {
  let text: string | undefined;
  let triedAt = Date.now();
  const readAgain = async () => {
    triedAt = Date.now();
    const before = text;
    text = (await read(reference)).trim();
    return text !== before;
  };
  return hide(() => {
    if (text !== undefined) return text;
    if (Date.now() - triedAt >= RETRY_INTERVAL) void readAgain().catch(() => {});
    throw new Error(reason);
  }, readAgain);
};

const hide = (reveal: () => string, refresh: () => Promise<boolean>): Secret =>
  Object.freeze({ reveal, refresh, toString: () => '[secret]', toJSON: () => '[secret]' });
