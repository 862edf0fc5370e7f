import { isObject } from './recording.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface ReplayRender {
  /** What a dry run's log line means for somebody who asks what would happen; `undefined`: nothing. */
  line(fields: Fields): string | undefined;
  /** How many changes were told of. */
  changes(): number;
}

/** A record is told in full once, though each registry would get it. */
export const createReplayRender = (): ReplayRender => {
  const told = new Set<unknown>();
  let changes = 0;

  const describeChange = (change: Fields, registry: string): string => {
    changes++;
    const record = member(change, 'record');
    const { service, id } = { ...record, ...member(change, 'ref') };
    const place = record['address'] === undefined ? '' : ` at ${record['address']}:${record['port']}`;
    const verb = VERBS[String(change['kind'])];
    const head = `would ${verb} ${service}${place} in ${registry}: ${change['reason']}`;
    const isNew = !told.has(id);
    told.add(id);
    return isNew ? [head, `    id ${id}`, ...details(record)].join('\n') : head;
  };

  return {
    changes: () => changes,
    line({ level, message, change, registry, policy, error, task }) {
      if (isObject(change) && policy !== undefined) return describeChange(change, String(registry));
      if (level === 'debug') return undefined;
      const where = registry === undefined ? '' : ` (${registry})`;
      return `${message}${where}${error === undefined ? '' : `: ${error}`}${task === undefined ? '' : `\n    task ${task}`}`;
    },
  };
};

const VERBS: Readonly<Record<string, string>> = {
  upsert: 'register',
  health: 'change the health of',
  remove: 'remove',
};

const details = (record: Fields): string[] => {
  const { health, tags } = record;
  return [
    ...(health === undefined ? [] : [`    health ${health}`]),
    ...(Array.isArray(tags) && tags.length > 0 ? [`    tags ${tags.join(', ')}`] : []),
    ...Object.entries(member(record, 'metadata')).map(([key, value]) => `    ${key}=${value}`),
  ];
};

const member = (fields: Fields, name: string): Fields => {
  const value = fields[name];
  return isObject(value) ? value : {};
};
