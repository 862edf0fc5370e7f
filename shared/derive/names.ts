import type { Rules } from '../config/config.ts';
import type { Definition, Task } from '../model/task.ts';
import { shortHash } from './hash.ts';
import { textOf } from './labels.ts';
import type { TaskPort } from './ports.ts';

const LONGEST = 63;
const HASH = 8;

/**
 * How many ports share a derived name, folded ones and those not selected left out, ignored ones
 * counted.
 */
export interface Counts {
  readonly task: number;
  readonly container: number;
}

export interface Name {
  /** Empty: nothing is left that could name a service. */
  readonly name: string;
  /** Before it was fitted. */
  readonly raw: string;
}

/**
 * The service that a port belongs to: the name said of the port as it is; otherwise the name said
 * of container or task, or the derived one, with the port behind it where several ports share it.
 */
export const nameOf = (port: TaskPort, task: Pick<Task, 'group'>, about: Naming): Name => {
  const { profile, definition, counts } = about;
  const word = port.words.get('name');
  const said = textOf(port.words, 'name');
  if (profile === 'registrator') {
    const base = said ?? imageName(port.container.image);
    const shared = counts.container > 1 && !word?.forPort;
    const raw = base && shared ? `${base}-${port.mapping.containerPort}` : base;
    return { name: raw, raw };
  }
  const base = said ?? serviceName(task) ?? definition.family;
  const ofContainer = said !== undefined && word?.source !== 'tag';
  const shared = (ofContainer ? counts.container : counts.task) > 1 && !word?.forPort;
  const raw = shared ? `${base}-${port.mapping.name || port.mapping.containerPort}` : base;
  return { name: fitName(base) && fitName(raw), raw };
};

interface Naming {
  readonly profile: Rules['profile'];
  readonly definition: Pick<Definition, 'family'>;
  readonly counts: Counts;
}

/** The ECS service of a task; `undefined` for one that was run by hand. */
export const serviceName = ({ group }: Pick<Task, 'group'>): string | undefined =>
  group?.startsWith('service:') ? group.slice('service:'.length) : undefined;

/**
 * Last segment of the path, without tag and digest. Registrator leaves `api@sha256` of an image
 * named by digest only.
 */
const imageName = (image: string) =>
  image.slice(image.lastIndexOf('/') + 1).replace(/[:@].*$/s, '');

/** Empty where no letter or digit is left. A name that was cut ends in a hash of the whole. */
const fitName = (raw: string): string => {
  const mapped = raw.replace(/[^A-Za-z0-9_-]/gu, '-').replace(/^-+|-+$/g, '');
  if (!/[A-Za-z0-9]/.test(mapped)) return '';
  if (mapped.length <= LONGEST) return mapped;
  return `${mapped.slice(0, LONGEST - HASH - 1).replace(/-+$/, '')}-${shortHash(raw, HASH)}`;
};
