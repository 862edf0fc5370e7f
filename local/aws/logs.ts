import { number, required, text, toPage } from './input.ts';
import { parsePattern } from './logs/pattern.ts';
import { AwsFault, type AwsService } from './service.ts';

/** Lines that a group keeps here; the oldest go. */
const MAX_KEPT = 50_000;
/** CloudWatch Logs gives at most so many in one page. */
const MAX_PAGE = 10_000;

interface LogEvent {
  readonly eventId: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly message: string;
}

export interface Logs extends AwsService {
  /** As Lambda writes a function's line. */
  put(message: string): void;
}

/** One log group of CloudWatch Logs, and the search in it. */
export const createLogs = (group: string, now: () => number): Logs => {
  let events: LogEvent[] = [];
  let count = 0;
  const filter = (input: Readonly<Record<string, unknown>>) => {
    const named = text(input, 'logGroupName') ?? required(input, 'logGroupIdentifier');
    if (named !== group)
      throw new AwsFault('ResourceNotFoundException', 'The specified log group does not exist.');
    const matches = parsePattern(text(input, 'filterPattern'));
    const from = number(input, 'startTime') ?? 0;
    const to = number(input, 'endTime') ?? Number.POSITIVE_INFINITY;
    const { items, next } = toPage(
      events.filter((event) => isWithin(event, from, to) && matches(parsed(event.message))),
      ({ eventId }) => eventId,
      {
        size: number(input, 'limit') ?? MAX_PAGE,
        token: text(input, 'nextToken'),
        invalid: () => new AwsFault('InvalidParameterException', 'The token is not valid.'),
      },
    );
    return { events: items, nextToken: next, searchedLogStreams: [] };
  };
  return {
    target: 'Logs_20140328',
    put(message) {
      count++;
      const eventId = String(count).padStart(20, '0');
      events.push({ eventId, timestamp: now(), message });
      if (events.length > 2 * MAX_KEPT) events = events.slice(-MAX_KEPT);
    },
    async handle(operation, input) {
      if (operation === 'FilterLogEvents') return filter(input);
      throw new AwsFault('UnknownOperationException', `Logs ${operation} is not simulated.`);
    },
  };
};

const isWithin = ({ timestamp }: LogEvent, from: number, to: number) =>
  timestamp >= from && timestamp <= to;

const parsed = (message: string): unknown => {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
};
