import { isObject } from './recording.ts';
import { type Told, tellRecord } from './told.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface ReplayRender {
  /**
   * What a dry run's log line means for somebody who asks what would happen; `undefined`: nothing,
   * or not yet.
   */
  line(fields: Fields): string | undefined;
  /** What would be written, each record once, though each registry would get it. Empty: nothing. */
  changes(): string;
}

export const createReplayRender = (): ReplayRender => {
  const records = new Map<string, Told[]>();

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
    line({ level, message, change, registry, policy, error, task }) {
      if (isObject(change) && policy !== undefined) {
        gather(change, String(registry));
        return undefined;
      }
      if (level === 'debug') return undefined;
      const where = registry === undefined ? '' : ` (${registry})`;
      // The queue's id of the message is made up anew in each replay.
      const said = String(message).replace(/^message \S+ /, 'the event ');
      return `${said}${where}${error === undefined ? '' : `: ${error}`}${task === undefined ? '' : `\n    task ${task}`}`;
    },
    changes() {
      const all = [...records.values()];
      const metadata = all
        .flat()
        .flatMap(({ record }) => ('metadata' in record ? [pairs(record)] : []));
      const shared = (metadata[0] ?? []).filter((pair) =>
        metadata.every((one) => one.includes(pair)),
      );
      return [
        ...all.flatMap((told) => tellRecord(told, (record) => without(pairs(record), shared))),
        ...(shared.length > 0 ? ['metadata of each', ...shared.map((pair) => `    ${pair}`)] : []),
      ].join('\n');
    },
  };
};

const VERBS: Readonly<Record<string, string>> = {
  upsert: 'register',
  health: 'change the health of',
  remove: 'remove',
};

const pairs = (record: Fields): readonly string[] =>
  Object.entries(member(record, 'metadata')).map(([key, value]) => `${key}=${value}`);

const without = (all: readonly string[], some: readonly string[]) =>
  all.filter((one) => !some.includes(one));

const member = (fields: Fields, name: string): Fields => {
  const value = fields[name];
  return isObject(value) ? value : {};
};
