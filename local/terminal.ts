import { type Fields, isOutcome, toLanding } from './landing.ts';
import { createLandings, type LandingsOptions } from './landings.ts';
import { captureLog } from './log.ts';
import { type Look, renderLandings, renderNote } from './render.ts';

export interface Terminal {
  print(text: string): void;
  /** Shows the handlers' lines until `end`. */
  end(): void;
}

export interface TerminalOptions extends Pick<LandingsOptions, 'ended'> {
  /** The handlers' lines as they are. */
  readonly json: boolean;
  readonly emittedAt: (eventIdOrTask: string) => number | undefined;
}

/** Of the terminal as it is now: people resize it. */
export const currentLook = (): Look => ({
  colours: process.stdout.isTTY === true && !process.env['NO_COLOR'],
  columns: process.stdout.columns || Number.POSITIVE_INFINITY,
});

/**
 * The reader may go (`npm start | head`): then there is nobody to tell, and `onGone` ends the run.
 */
export const openTerminal = (
  { json, emittedAt, ended }: TerminalOptions,
  onGone: () => void = () => {},
): Terminal => {
  let gone = false;
  process.stdout.on('error', () => {
    if (!gone) onGone();
    gone = true;
  });
  const write = (text: string) => {
    if (!gone) process.stdout.write(`${text}\n`);
  };
  const landings = createLandings({
    show: (group) => write(renderLandings(group, currentLook())),
    ended,
  });
  const end = captureLog((line) => {
    if (json) return write(JSON.stringify(line));
    const landing = toLanding(line, emittedAt);
    if (landing) landings.add(landing);
    else if (!isOutcome(line) && isNews(line)) write(renderNote(line, currentLook()));
  });
  return {
    print(text) {
      landings.flush();
      write(text);
    },
    end() {
      landings.flush();
      end();
    },
  };
};

/**
 * What somebody asked for is none: by a key, as its answer follows; of the resolver, which has
 * answered; by a label that leaves a port out, which keys and the page tell.
 */
export const isNews = ({ command, code, message }: Fields): boolean =>
  command === undefined && code !== 'ignored' && message !== 'answered';
