import type { Clients } from './clients.ts';
import { cloudMap } from './steps/cloud-map.ts';
import { ec2 } from './steps/ec2.ts';
import { ecs } from './steps/ecs.ts';
import { sqs } from './steps/sqs.ts';
import { stores } from './steps/stores.ts';

/** What one server gave so far: ids and receipt handles differ between two servers. */
export interface Memory {
  queueUrl: string;
  namespaceId: string;
  serviceId: string;
  receiptHandle: string;
}

/** A call, by a name that says what is asked; in order, since each builds on those before it. */
export type Step = readonly [name: string, call: (clients: Clients, memory: Memory) => Promise<object>];

/** What moto does well enough to be asked. Its lists of tasks are our own patches, and would prove nothing. */
export const SCRIPT: readonly Step[] = [...ecs, ...ec2, ...cloudMap, ...sqs, ...stores];
