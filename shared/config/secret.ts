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

const hide = (reveal: () => string, refresh: () => Promise<boolean>): Secret =>
  Object.freeze({ reveal, refresh, toString: () => '[secret]', toJSON: () => '[secret]' });
