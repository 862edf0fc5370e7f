import type { ChildProcess } from 'node:child_process';
import { Readable, Writable } from 'node:stream';

/** A command of the DevTools protocol and its result. Rejects with the browser's words, or where the browser has ended. */
export type Send = (
  method: string,
  params?: object,
  session?: string | undefined,
  // biome-ignore lint/suspicious/noExplicitAny: results are as the protocol's documentation has them.
) => Promise<any>;

export interface ProtocolEvent {
  readonly method: string;
  // biome-ignore lint/suspicious/noExplicitAny: as the results.
  readonly params: any;
  readonly sessionId?: string;
}

export interface Connection {
  readonly send: Send;
  readonly listen: (hear: (event: ProtocolEvent) => void) => void;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Characters of the browser's own output that are kept, to say why it ended. */
const KEPT = 2_000;

/** The DevTools protocol over the browser's file descriptors 3 and 4: JSON texts, each ended by a NUL. */
export const connect = (child: ChildProcess): Connection => {
  const waiting = new Map<number, Waiting>();
  const hearing = new Set<(event: ProtocolEvent) => void>();
  let [last, ended, output] = [0, false, ''];
  child.stderr?.on('data', (chunk) => {
    output = `${output}${chunk}`.slice(-KEPT);
  });
  const onEnd = (error?: Error) => {
    ended = true;
    const why = new Error(`the browser has ended: ${error?.message ?? output}`);
    for (const one of waiting.values()) one.reject(why);
    waiting.clear();
  };
  child.once('exit', () => onEnd());
  child.once('error', onEnd);

  const [, , , input, answers] = child.stdio;
  if (!(input instanceof Writable && answers instanceof Readable))
    throw new Error('stdio: expected pipes at 3 and 4');
  input.on('error', () => {});
  onTexts(answers, (text) => {
    const message = JSON.parse(text);
    if (message.id === undefined) {
      for (const hear of hearing) hear(message);
      return;
    }
    const { resolve, reject } = waiting.get(message.id) ?? {};
    waiting.delete(message.id);
    if (message.error) reject?.(new Error(message.error.message));
    else resolve?.(message.result);
  });

  return {
    listen: (hear) => void hearing.add(hear),
    send: (method, params = {}, sessionId) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(new Error(`the browser has ended: ${output}`));
        const id = ++last;
        waiting.set(id, {
          resolve,
          reject: (error) => reject(new Error(`${method}: ${error.message}`)),
        });
        input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      }),
  };
};

const onTexts = (stream: Readable, take: (text: string) => void) => {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const texts = (rest + chunk).split('\0');
    rest = texts.pop() ?? '';
    for (const text of texts) take(text);
  });
};
