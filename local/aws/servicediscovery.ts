import { AwsFault, type AwsService } from './service.ts';
import { discoverHandlers } from './servicediscovery/discover.ts';
import type { Input } from './servicediscovery/input.ts';
import { healthOf, instanceHandlers } from './servicediscovery/instances.ts';
import { addNamespace, namespaceHandlers } from './servicediscovery/namespaces.ts';
import { operationHandlers, settleOperations } from './servicediscovery/operations.ts';
import { serviceHandlers } from './servicediscovery/services.ts';
import type { Attributes, Namespace, OperationFault, State } from './servicediscovery/state.ts';
import { tagHandlers } from './servicediscovery/tags.ts';

export interface ServiceDiscoveryOptions {
  /** Milliseconds until an accepted operation takes effect; 0: before the next request. */
  readonly operationDelayMs?: number;
  /** Milliseconds until a custom health status shows; about 30,000 in AWS. */
  readonly healthDelayMs?: number;
  readonly revisionOnUpdate?: boolean;
  /** The adjustable quota of a namespace; 2,000 unless AWS was asked for more. */
  readonly instancesPerNamespace?: number | undefined;
  readonly now?: () => number;
}

export interface ServiceDiscovery extends AwsService {
  /** A namespace that was there before the start; its id. Another account's is shared with ours. */
  addNamespace(name: string, type: Namespace['type'], account?: string): string;
  deleteEmptyServices(): void;
  /** Every instance that is in force, past all delays of its own APIs. */
  instances(): readonly HeldInstance[];
  /**
   * Whether an accepted operation took effect (or failed); `undefined`: it has not ended, or is not
   * known.
   */
  ended(operation: string): boolean | undefined;
  /** The next operations to end fail instead, with this code and message. */
  failOperations(times: number, fault?: OperationFault): void;
  /** Nothing accepted takes effect until `release`. */
  hold(): void;
  release(): void;
}

export interface HeldInstance {
  readonly service: string;
  readonly id: string;
  readonly attributes: Attributes;
  readonly healthy: boolean;
}

const THROTTLED: OperationFault = {
  code: 'THROTTLED_REQUEST',
  message: 'Route 53 throttled the request.',
};

/**
 * AWS Cloud Map in memory: its control and data plane, operations that end later, and its
 * validation (patterns and quotas of API model 2017-03-14). Route 53 itself is not simulated:
 * nothing answers DNS here.
 */
export const createServiceDiscovery = (options: ServiceDiscoveryOptions = {}): ServiceDiscovery => {
  const delay = options.operationDelayMs ?? 0;
  const state: State = {
    namespaces: new Map(),
    services: new Map(),
    operations: new Map(),
    open: new Set(),
    now: options.now ?? Date.now,
    operationDelay: delay,
    healthDelay: options.healthDelayMs ?? 0,
    revisionOnUpdate: options.revisionOnUpdate ?? true,
    instancesPerNamespace: options.instancesPerNamespace ?? 2_000,
    failures: [],
    seq: 0,
  };
  const handlers = new Map<string, (input: Input) => Record<string, unknown>>(
    Object.entries({
      ...namespaceHandlers(state),
      ...serviceHandlers(state),
      ...instanceHandlers(state),
      ...discoverHandlers(state),
      ...operationHandlers(state),
      ...tagHandlers(state),
    }),
  );
  return {
    target: 'Route53AutoNaming_v20170314',
    async handle(operation, input) {
      const handler = handlers.get(operation);
      if (!handler)
        throw new AwsFault('UnknownOperationException', `${operation} is not simulated.`);
      settleOperations(state);
      return handler(input);
    },
    addNamespace: (name, type, account) =>
      addNamespace(state, { name, type, ...(account && { account }) }).id,
    deleteEmptyServices: () => {
      for (const { id, instances } of state.services.values())
        if (instances.size === 0) state.services.delete(id);
    },
    instances: () => {
      settleOperations(state);
      return [...state.services.values()].flatMap((service) =>
        [...service.instances.values()].map((instance) => ({
          service: service.name,
          id: instance.id,
          attributes: instance.attributes,
          healthy: healthOf(state, instance) !== 'UNHEALTHY',
        })),
      );
    },
    ended: (id) => {
      settleOperations(state);
      const status = state.operations.get(id)?.status;
      return status === 'SUCCESS' || status === 'FAIL' ? status === 'SUCCESS' : undefined;
    },
    failOperations: (times, fault = THROTTLED) => {
      for (let left = times; left > 0; left--) state.failures.push(fault);
    },
    hold: () => {
      state.operationDelay = Number.POSITIVE_INFINITY;
    },
    release: () => {
      state.operationDelay = delay;
    },
  };
};
