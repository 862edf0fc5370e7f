import { readFile } from 'node:fs/promises';
import { parseRecording, type Recording } from './replay/recording.ts';
import { type ReplayHow, replay } from './replay/replay.ts';

export interface ReplayOptions extends Omit<ReplayHow, 'print'> {
  readonly file: string;
}

/** Returns the exit code: 1 where the file, its event, or the configuration, is wrong. */
export const runReplay = async ({ file, ...how }: ReplayOptions): Promise<number> => {
  let recording: Recording;
  try {
    recording = parseRecording(await readFile(file, 'utf8'));
  } catch (error) {
    console.error(`${file}: ${inWords(error)}`);
    return 1;
  }
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  return (await replay(recording, { ...how, print })) ? 0 : 1;
};

const inWords = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  return code === 'EISDIR' ? 'expected a file, got a directory' : error.message;
};
