import { byText } from '../../shared/model/text.ts';
import { meaningOf } from '../failure.ts';
import { isObject } from './recording.ts';
import type { Told } from './told.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What the event function's log lines say of one task. */
export interface Findings {
  /** Each record once, as each registry would get it. */
  readonly changes: readonly (readonly Told[])[];
  /** In words: why something is left out, what was mapped, what could not be read. */
  readonly notes: readonly string[];
  /** Something could not be asked, or not be handled: what is not there, nobody knows. */
  readonly isUndecided: boolean;
}

/** Gathers the lines of one dry run. */
export const createFindings = () => {
  const records = new Map<string, Told[]>();
  const notes: string[] = [];
  let isUndecided = false;

  const gather = (change: Fields, registry: string) => {
    const { service, id } = { ...member(change, 'record'), ...member(change, 'ref') };
    const told: Told = {
      verb: VERBS[String(change['kind'])] ?? '',
      registry,
      service: String(service),
      id: String(id),
      reason: String(change['reason']),
      record: member(change, 'record'),
    };
    const key = `${told.verb} ${told.id}`;
    records.set(key, [...(records.get(key) ?? []), told]);
  };

  return {
    take({ level, message, change, registry, policy, error }: Fields) {
      if (isObject(change) && policy !== undefined) return gather(change, String(registry));
      if (level === 'debug') return undefined;
      if (error !== undefined || level === 'error') isUndecided = true;
      const where = registry === undefined ? '' : ` (${registry})`;
      // The id of the message is made up, and its faults follow from the first.
      const said = String(message).replace(/^message \S+ /, 'the event ');
      const why = error === undefined ? '' : `: ${meaningOf(String(error)).split('; ')[0]}`;
      notes.push(`${said}${where}${why}`);
      return undefined;
    },
    // Registries answer side by side: the order in which they do tells nothing.
    found: (): Findings => ({
      changes: [...records.values()].map((each) =>
        each.toSorted((a, b) => byText(a.registry, b.registry)),
      ),
      notes,
      isUndecided,
    }),
  };
};

const VERBS: Readonly<Record<string, string>> = {
  upsert: 'register',
  health: 'change the health of',
  remove: 'remove',
};

const member = (fields: Fields, name: string): Fields => {
  const value = fields[name];
  return isObject(value) ? value : {};
};
