import type { PortMapping, Task } from '../model/task.ts';
import { shortHash } from './hash.ts';

/** What one port of one task is, whatever its address, its host port or its state. */
export interface Origin {
  readonly owner: string;
  readonly task: Pick<Task, 'id' | 'clusterArn'>;
  readonly container: string;
  readonly mapping: Pick<PortMapping, 'containerPort' | 'protocol'>;
}

/**
 * `<task id>-<container port>-<20 characters of hash>`: DNS-safe and at most 63, since in Cloud Map
 * it becomes part of a host name. Never the address, which ECS reuses, nor the host port, which a
 * STOPPED event may lack.
 */
export const toId = ({ owner, task, container, mapping }: Origin): string => {
  const parts = [
    owner,
    task.clusterArn,
    container,
    String(mapping.containerPort),
    mapping.protocol,
  ];
  return `${toLabel(task.id)}-${mapping.containerPort}-${hashOf(mapping, parts.join('\0'))}`;
};

/** Of a mapping's last hash: it is the same for each task of one definition and cluster. */
const hashes = new WeakMap<object, { readonly text: string; readonly hash: string }>();

const hashOf = (mapping: Origin['mapping'], text: string): string => {
  const known = hashes.get(mapping);
  if (known?.text === text) return known.hash;
  const hash = shortHash(text, 20);
  hashes.set(mapping, { text, hash });
  return hash;
};

/**
 * ECS's ids are 32 hexadecimal digits, formerly a UUID of 36 characters: what 63 leave beside port
 * and hash.
 */
const toLabel = (taskId: string) =>
  /^[a-z0-9]([a-z0-9-]{0,34}[a-z0-9])?$/.test(taskId) ? taskId : shortHash(taskId, 32);
