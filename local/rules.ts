import type { Pattern } from './aws/rule.ts';

/** The event patterns of `stack/events.yml`: which events reach the queue. */
export const PATTERNS: readonly Pattern[] = [
  {
    source: ['aws.ecs'],
    'detail-type': ['ECS Task State Change'],
    detail: { $or: [{ lastStatus: ['RUNNING'] }, { desiredStatus: ['STOPPED'] }] },
  },
  {
    source: ['aws.ec2'],
    'detail-type': ['EC2 Instance State-change Notification'],
    detail: { state: ['shutting-down', 'stopping', 'stopped', 'terminated'] },
  },
];
