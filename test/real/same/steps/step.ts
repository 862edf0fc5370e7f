import type { Clients } from '../clients.ts';

/** What one server gave so far: ids and receipt handles differ between two servers. */
export interface Memory {
  queueUrl: string;
  namespaceId: string;
  serviceId: string;
  receiptHandle: string;
}

/** A call, by a name that says what is asked; in order, since each builds on those before it. */
export type Step = readonly [
  name: string,
  call: (clients: Clients, memory: Memory) => Promise<object>,
];
