import type { DefinitionInput } from '../../local/aws/world/shapes.ts';
import type { World } from '../../local/aws/world.ts';
import { list, type Members, type Recording } from './recording.ts';

/** The event's definition, as the recording tells it or as the event lets guess. */
export const placeDefinition = (
  world: World,
  detail: Members,
  { taskDefinition }: Recording,
): readonly string[] => {
  const arn = String(detail['taskDefinitionArn']);
  const [, family, revision] = /:task-definition\/([^/:]+):(\d+)$/.exec(arn) ?? [];
  if (family === undefined)
    return taskDefinition ? [`Not used: taskDefinition: the event names ${arn}.`] : [];
  const definition = { ...(taskDefinition ?? madeUp(detail)), family };
  if (!isDefinition(definition)) return [];
  world.registerTaskDefinition(definition, Number(revision));
  const { taskDefinitionArn: other = arn } = taskDefinition ?? {};
  if (taskDefinition)
    return other === arn ? [] : [`Assumed: what ${other} says is true of ${arn} too.`];
  return [
    `Assumed: the task definition, made up from the event: ${describe(definition)}; no labels, no tags.`,
  ];
};

/** `parseRecording` has checked it. */
const isDefinition = (definition: object): definition is DefinitionInput =>
  'containerDefinitions' in definition;

/**
 * One container port for every binding; a task with an interface of its own tells no ports, so 80
 * is as good as any.
 */
const madeUp = (detail: Members): Members => {
  const containers = list(detail['containers']);
  const bindings = containers.some(({ networkBindings }) => list(networkBindings).length > 0);
  return {
    networkMode: bindings ? 'bridge' : 'awsvpc',
    containerDefinitions: containers.map(({ name, image, networkBindings }) => ({
      name,
      image,
      portMappings: bindings
        ? portsOf(list(networkBindings))
        : [{ containerPort: 80, protocol: 'tcp' }],
    })),
  };
};

const portsOf = (bindings: readonly Members[]): readonly Members[] => {
  const ports = bindings.map(({ containerPort, containerPortRange, protocol }) => ({
    ...(containerPortRange === undefined ? { containerPort, hostPort: 0 } : { containerPortRange }),
    protocol,
  }));
  return [...new Map(ports.map((port) => [JSON.stringify(port), port])).values()];
};

const describe = ({ networkMode, containerDefinitions }: DefinitionInput): string => {
  const ports = containerDefinitions.map(({ name, portMappings = [] }) => {
    const told = portMappings.map(
      (port) => `${port.containerPort ?? port.containerPortRange}/${port.protocol}`,
    );
    return `${name} ${told.join(' ') || 'without ports'}`;
  });
  return `${networkMode}, ${ports.join(', ') || 'no containers'}`;
};
