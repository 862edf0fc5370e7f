import * as v from 'valibot';
import type { InstanceState } from '../../local/aws/world/shapes.ts';

/** What AWS describes, as its CLI prints it: what the simulator reads of it; the rest passes. */

const text = v.optional(v.string());
const id = (form: RegExp) => v.optional(v.pipe(v.string(), v.regex(form)));

const port = v.looseObject({
  containerPort: v.optional(v.number()),
  containerPortRange: text,
  hostPort: v.optional(v.number()),
  protocol: text,
});
export const definitionSchema = v.looseObject({
  networkMode: text,
  containerDefinitions: v.array(
    v.looseObject({
      name: v.string(),
      image: text,
      essential: v.optional(v.boolean()),
      portMappings: v.optional(v.array(port)),
      dockerLabels: v.optional(v.record(v.string(), v.string())),
      environment: v.optional(v.array(v.looseObject({ name: v.string(), value: text }))),
    }),
  ),
  tags: v.optional(v.array(v.looseObject({ key: v.string(), value: text }))),
});

export const interfaceSchema = v.looseObject({
  NetworkInterfaceId: id(/^eni-([0-9a-f]{8}|[0-9a-f]{17})$/),
  PrivateIpAddress: text,
  Ipv6Addresses: v.optional(v.array(v.looseObject({ Ipv6Address: text }))),
  Association: v.optional(v.looseObject({ PublicIp: text })),
});
export type DescribedInterface = v.InferOutput<typeof interfaceSchema>;

const STATES = [
  'pending',
  'running',
  'shutting-down',
  'terminated',
  'stopping',
  'stopped',
] as const satisfies readonly InstanceState[];

/** An instance of EC2's, or one of ECS Anywhere's machines as Systems Manager describes it. */
export const hostSchema = v.looseObject({
  InstanceId: id(/^(i-([0-9a-f]{8}|[0-9a-f]{17})|mi-\w{17})$/),
  containerInstanceArn: text,
  PrivateIpAddress: text,
  PublicIpAddress: text,
  Ipv6Address: text,
  IPAddress: text,
  State: v.optional(v.looseObject({ Name: v.optional(v.picklist(STATES)) })),
  Placement: v.optional(v.looseObject({ AvailabilityZone: text })),
  NetworkInterfaces: v.optional(v.array(interfaceSchema)),
});
export type DescribedHost = v.InferOutput<typeof hostSchema>;
