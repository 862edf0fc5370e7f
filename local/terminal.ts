import { captureLog } from './log.ts';
import { createRender } from './render.ts';

export interface Terminal {
  print(text: string): void;
  /** Shows the handlers' lines from now on; `console.log` is theirs until `end`. */
  end(): void;
}

/** The reader may go (`npm start | head`): then there is nobody to tell, and `onGone` ends the run. */
export const openTerminal = (
  options: { readonly json: boolean; readonly emittedAt: (key: string) => number | undefined },
  onGone: () => void = () => {},
): Terminal => {
  let gone = false;
  process.stdout.on('error', () => {
    if (!gone) onGone();
    gone = true;
  });
  const print = (text: string) => {
    if (!gone) process.stdout.write(`${text}\n`);
  };
  const colours = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const render = createRender({ colours, emittedAt: options.emittedAt });
  const end = captureLog((line) => {
    const text = 'text' in line ? line.text : options.json ? JSON.stringify(line.json) : render(line.json);
    if (text !== undefined) print(text);
  });
  return { print, end };
};
