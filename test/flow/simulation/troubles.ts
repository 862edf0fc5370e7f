import type { RegistryName } from '../../../shared/model/registration.ts';
import type { Fate, Passing } from '../../support/memory-network.ts';

/** Whom a request is for. */
export type Party = RegistryName | 'ecs' | 'ec2' | 'sqs' | 'ssm' | 'other';

const TARGETS: readonly (readonly [string, Party])[] = [
  ['Route53AutoNaming', 'cloudmap'],
  ['AmazonEC2ContainerService', 'ecs'],
  ['AmazonSQS', 'sqs'],
  ['AmazonSSM', 'ssm'],
];

/** Whom a request to the simulated AWS is for, by its header; EC2's have none. */
export const awsParty = ({ headers, body }: Passing): Party => {
  const target = headers['x-amz-target'] ?? '';
  if (target === '') return body.includes('Action=') ? 'ec2' : 'other';
  return TARGETS.find(([prefix]) => target.startsWith(prefix))?.[1] ?? 'other';
};

/** `DescribeTasks`, or an HTTP method with its path. */
export const operationOf = ({ headers, body, method, path }: Passing): string => {
  const target = headers['x-amz-target'];
  if (target) return target.slice(target.indexOf('.') + 1);
  return /Action=(\w+)/.exec(body)?.[1] ?? `${method} ${path}`;
};

/** Something that happens to requests for a while. `undefined`: not to this one. */
export interface Trouble {
  readonly strike: (request: Passing, party: Party) => Fate | undefined;
}

/** The troubles under way; the first that strikes decides. */
export const createTroubles = () => {
  const active = new Set<Trouble>();
  return {
    /** Returns what ends it. */
    begin(trouble: Trouble): () => void {
      active.add(trouble);
      return () => active.delete(trouble);
    },
    strike(request: Passing, party: Party): Fate | undefined {
      for (const trouble of active) {
        const fate = trouble.strike(request, party);
        if (fate) return fate;
      }
      return undefined;
    },
  };
};
