import { describe, expect, it } from 'vitest';
import { parseRecording } from '../../../local/replay/recording.ts';

const parse = (recording: object) => parseRecording(JSON.stringify(recording));
const event = { source: 'aws.ecs' };
const definition = { family: 'web', containerDefinitions: [{ name: 'web' }] };

describe('a recording', () => {
  it('is an event, or one with what ECS and EC2 would say', () => {
    expect(parse(event)).toEqual({ event, hosts: [] });
    const host = { InstanceId: 'i-0a1b2c3d4e5f60718' };
    expect(parse({ event, taskDefinition: definition, hosts: [host] })).toEqual({
      event,
      taskDefinition: definition,
      hosts: [host],
    });
  });

  it('takes a task definition as the AWS CLI prints it', () => {
    const tags = [{ key: 'rollcall:name', value: 'shop' }];
    const printed = { taskDefinition: definition, tags };
    expect(parse({ event, taskDefinition: printed }).taskDefinition).toEqual({
      ...definition,
      tags,
    });
  });

  it.each([
    ['[]', 'file: expected a JSON object'],
    ['{', 'file: expected JSON'],
    [
      { event, definition },
      'file: expected the members event, taskDefinition, hosts, got definition',
    ],
    [{ event, hosts: {} }, 'hosts: expected a list'],
    [{ event, taskDefinition: 'web:3' }, 'taskDefinition: expected Object, got "web:3"'],
    [{ event, taskDefinition: {} }, 'taskDefinition.containerDefinitions: missing'],
    [
      { event, taskDefinition: { containerDefinitions: {} } },
      'taskDefinition.containerDefinitions: expected Array, got Object',
    ],
    [
      {
        event,
        taskDefinition: { containerDefinitions: [{ name: 'web', dockerLabels: { A: 1 } }] },
      },
      'taskDefinition.containerDefinitions.0.dockerLabels.A: expected string, got 1',
    ],
  ])('is refused with the member named (%#)', (recording, fault) => {
    const text = typeof recording === 'string' ? recording : JSON.stringify(recording);
    expect(() => parseRecording(text)).toThrow(fault);
  });
});
