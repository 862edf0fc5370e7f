import type { Skip, SkipCode } from '../model/plan.ts';
import type { ContainerDefinition, PortMapping, Task } from '../model/task.ts';
import type { Words } from './labels.ts';

/** One published port of a task, with what its users say of it. */
export interface TaskPort {
  readonly container: ContainerDefinition;
  readonly mapping: PortMapping;
  readonly words: Words;
  /** No mapping has it: it is there since a label names it. */
  readonly isUnmapped?: true;
}

/** Why something is left out: a code, a sentence's end, and the name if that is why. */
export type Reason = readonly [SkipCode, string, string?];

/** Takes a sentence for `Derived.notes`. */
export type Note = (text: string) => void;

/** Which port is meant, for notes and reasons. */
export const portText = ({ container, mapping }: Pick<TaskPort, 'container' | 'mapping'>) =>
  `container ${container.name}, port ${mapping.containerPort}/${mapping.protocol}`;

export const toSkip = (task: Task, port: TaskPort, [code, detail, name]: Reason): Skip => ({
  task: task.arn,
  container: port.container.name,
  port: port.mapping.containerPort,
  code,
  detail: `${portText(port)}: ${detail}`,
  ...(name !== undefined && { name }),
});
