import { describe, expect, it } from 'vitest';
import { parseRecording } from '../../../../command/preview/recording.ts';

const parse = (recording: object) => parseRecording(JSON.stringify(recording));
const event = { source: 'aws.ecs' };
const definition = { family: 'web', containerDefinitions: [{ name: 'web' }] };

describe('a recording', () => {
  it('is an event, or one with what ECS and EC2 would say', () => {
    expect(parse(event)).toEqual({ event, hosts: [], networkInterfaces: [] });
    const host = { InstanceId: 'i-0a1b2c3d4e5f60718' };
    expect(parse({ event, taskDefinition: definition, hosts: [host] })).toEqual({
      event,
      taskDefinition: definition,
      hosts: [host],
      networkInterfaces: [],
    });
  });

  const host = { InstanceId: 'i-0a1b2c3d4e5f60718', PrivateIpAddress: '10.1.0.10' };
  const external = { InstanceId: 'mi-0a1b2c3d4e5f60718', IPAddress: '192.168.7.7' };
  const eni = { NetworkInterfaceId: 'eni-0a1b2c3d', Association: { PublicIp: '198.51.100.7' } };
  const withInterfaces = { ...host, NetworkInterfaces: [eni] };

  it.each([
    ['a list', { hosts: [host] }, [host]],
    ['describe-instances', { hosts: { Reservations: [{ Instances: [host] }] } }, [host]],
    [
      'its reservations',
      { hosts: [{ Instances: [host] }, { Instances: [external] }] },
      [host, external],
    ],
    ['an instance with interfaces', { hosts: [withInterfaces] }, [withInterfaces]],
    [
      'describe-instance-information',
      { hosts: { InstanceInformationList: [external] } },
      [external],
    ],
    [
      'an SDK that begins names with a small letter',
      { hosts: [{ instanceId: host.InstanceId, privateIpAddress: host.PrivateIpAddress }] },
      [host],
    ],
  ])('takes hosts as %s tells them', (_, members, hosts) => {
    expect(parse({ event, ...members }).hosts).toEqual(hosts);
  });

  it.each([
    ['a list', [eni]],
    ['describe-network-interfaces', { NetworkInterfaces: [eni] }],
  ])('takes interfaces as %s tells them', (_, networkInterfaces) => {
    expect(parse({ event, networkInterfaces }).networkInterfaces).toEqual([eni]);
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
      'file: expected the members event, taskDefinition, hosts, networkInterfaces, got definition',
    ],
    [{ event, hosts: {} }, 'hosts: expected a list of objects, as AWS describes them, got {}'],
    [{ event, hosts: ['i-1'] }, 'hosts.0: expected Object, got "i-1"'],
    [{ event, hosts: [{ InstanceId: 'i-web' }] }, 'hosts.0.InstanceId: expected'],
    [
      { event, hosts: [{ ...host, PublicIpAddress: 7, State: { Name: 'gone' } }] },
      'hosts.0.PublicIpAddress: expected string, got 7; hosts.0.State.Name: expected ("pending"',
    ],
    [
      { event, networkInterfaces: [{ ...eni, Association: { PublicIp: [] } }] },
      'networkInterfaces.0.Association.PublicIp: expected string, got Array',
    ],
    [{ event, networkInterfaces: 'eni-1' }, 'networkInterfaces: expected a list'],
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
