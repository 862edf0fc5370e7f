import type { Rules } from '../config/config.ts';
import type { Skip, SkipCode } from '../model/plan.ts';
import type { ContainerDefinition, PortMapping, Task } from '../model/task.ts';
import type { DeriveInput } from './derived.ts';
import { parseStatements, type Words, wordsFor } from './labels.ts';
import { byText } from './records.ts';

/** One published port of a task, with what its users say of it. */
export interface TaskPort {
  readonly container: ContainerDefinition;
  readonly mapping: PortMapping;
  readonly words: Words;
}

/** Why something is left out: a code, and a sentence's end. */
export type Reason = readonly [SkipCode, string];

/** Takes a sentence for `Derived.notes`. */
export type Note = (text: string) => void;

/**
 * The ports that the definition publishes, one per container, number and protocol: a number may be
 * mapped twice. Containers in the order of their names, ports in the definition's.
 */
export const toTaskPorts = (
  { task, definition }: DeriveInput,
  rules: Rules,
): readonly TaskPort[] => {
  const said = { tags: definition.tags, profile: rules.profile };
  const containers = definition.containers.toSorted((a, b) => byText(a.name, b.name));
  const ports = containers.flatMap((container) => {
    const statements = parseStatements(container, task, said);
    return container.ports.map((mapping) => ({
      container,
      mapping,
      words: wordsFor(mapping.containerPort, statements),
    }));
  });
  return [...Map.groupBy(ports, portText).values()].flatMap((same) => same.slice(0, 1));
};

/** Which port is meant, for notes and reasons. */
export const portText = ({ container, mapping }: Pick<TaskPort, 'container' | 'mapping'>) =>
  `container ${container.name}, port ${mapping.containerPort}/${mapping.protocol}`;

export const toSkip = (task: Task, port: TaskPort, [code, detail]: Reason): Skip => ({
  task: task.arn,
  container: port.container.name,
  port: port.mapping.containerPort,
  code,
  detail: `${portText(port)}: ${detail}`,
});
