import type { Pattern } from './aws/rule.ts';

/**
 * The event patterns of `stack/events.yml`: which events of an account and region reach the queue.
 */
export const patternsIn = (place: {
  readonly account: string;
  readonly region: string;
}): readonly Pattern[] => [
  {
    account: [place.account],
    region: [place.region],
    source: ['aws.ecs'],
    'detail-type': ['ECS Task State Change'],
    detail: { $or: [{ lastStatus: ['RUNNING'] }, { desiredStatus: ['STOPPED'] }] },
  },
  {
    account: [place.account],
    region: [place.region],
    source: ['aws.ec2'],
    'detail-type': ['EC2 Instance State-change Notification'],
    detail: { state: ['shutting-down', 'stopping', 'stopped', 'terminated'] },
  },
];
