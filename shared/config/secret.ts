/**
 * Reads the text behind `secretsmanager:<arn>` or `ssm:<name>`. Rejects with a message that never
 * holds the text.
 */
export type ReadReference = (reference: string) => Promise<string>;

/**
 * A value that may have been given by reference. It is read once at the start; `refresh` reads it
 * again, which is what a caller does after a 401 or 403, since secrets are rotated under a running
 * function. Its text shows in no log: JSON and string conversion give `[secret]`.
 */
export interface Secret {
  reveal(): string;
  /** Whether the text has changed. A value given in place never does. */
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
  const fetch = async () => (await read(reference)).trim();
  let text = await fetch();
  return hide(
    () => text,
    async () => {
      const before = text;
      text = await fetch();
      return text !== before;
    },
  );
};

/** Milliseconds between two tries to read what could not be read. */
const RETRY_INTERVAL = 30_000;

/**
 * A secret that could not be read: whoever needs it fails with the reason, and nothing else does.
 * It is tried again, since the right to read it may come later.
 */
export const missingSecret = (reference: string, read: ReadReference, reason: string): Secret => {
  let text: string | undefined;
  let triedAt = Date.now();
  const fetch = async () => {
    triedAt = Date.now();
    const before = text;
    text = (await read(reference)).trim();
    return text !== before;
  };
  return hide(() => {
    if (text !== undefined) return text;
    if (Date.now() - triedAt >= RETRY_INTERVAL) void fetch().catch(() => {});
    throw new Error(reason);
  }, fetch);
};

const hide = (reveal: () => string, refresh: () => Promise<boolean>): Secret =>
  Object.freeze({ reveal, refresh, toString: () => '[secret]', toJSON: () => '[secret]' });
