import { AwsFault } from '../service.ts';
import { checkAttributes } from './attributes.ts';
import { type Input, invalid, optionalText, text, textMap, texts } from './input.ts';
import { submit } from './operations.ts';
import { page } from './paging.ts';
import { findService } from './services.ts';
import type { Instance, Service, State } from './state.ts';

const ID = /^[0-9a-zA-Z_/:.@-]{1,64}$/;
const MOST_PER_SERVICE = 1_000;

export const instanceHandlers = (state: State) => ({
  RegisterInstance: (input: Input) => register(state, input),
  DeregisterInstance: (input: Input) => deregister(state, input),

  GetInstance(input: Input) {
    const { id, creatorRequestId, attributes } = findInstance(
      serviceOf(state, input),
      text(input, 'InstanceId'),
    );
    return { Instance: { Id: id, CreatorRequestId: creatorRequestId, Attributes: attributes } };
  },

  ListInstances(input: Input) {
    const { items, NextToken } = page(serviceOf(state, input).instances.values(), input);
    return {
      Instances: items.map(({ id, attributes }) => ({ Id: id, Attributes: attributes })),
      NextToken,
    };
  },

  GetInstancesHealthStatus(input: Input) {
    const service = serviceOf(state, input);
    const asked = texts(input, 'Instances');
    const instances =
      asked.length > 0 ? asked.map((id) => findInstance(service, id)) : service.instances.values();
    const { items, NextToken } = page(instances, input);
    return {
      Status: Object.fromEntries(items.map((one) => [one.id, healthOf(state, one)])),
      NextToken,
    };
  },

  UpdateInstanceCustomHealthStatus(input: Input) {
    const service = serviceOf(state, input);
    const health = text(input, 'Status');
    if (health !== 'HEALTHY' && health !== 'UNHEALTHY')
      throw invalid(`Status ${health} is not known`);
    if (service.healthCheck !== 'custom')
      throw new AwsFault(
        'CustomHealthNotFound',
        'The health check of the instance is not a custom one.',
      );
    const instance = findInstance(service, text(input, 'InstanceId'));
    healthOf(state, instance);
    // A repeated status does not hasten the change; the other one revokes it.
    if (instance.next?.health !== health)
      instance.next = { health, due: state.now() + state.healthDelay };
    return {};
  },
});

const serviceOf = (state: State, input: Input) => findService(state, text(input, 'ServiceId'));

const findInstance = (service: Service, id: string): Instance => {
  const found = service.instances.get(id);
  if (!found)
    throw new AwsFault(
      'InstanceNotFound',
      'No instance exists with the specified ID, or it was recently registered and has not propagated yet.',
    );
  return found;
};

/** The status in force now: a custom one shows late. */
export const healthOf = (state: State, instance: Instance) => {
  if (instance.next && instance.next.due <= state.now()) {
    instance.health = instance.next.health;
    delete instance.next;
  }
  return instance.health;
};

const register = (state: State, input: Input) => {
  const service = serviceOf(state, input);
  const id = text(input, 'InstanceId');
  if (!ID.test(id)) throw invalid(`InstanceId ${id} is not valid`);
  const attributes = textMap(input, 'Attributes');
  checkAttributes(service, attributes);
  const creatorRequestId = optionalText(input, 'CreatorRequestId');
  const busy = pendingOn(state, service, id);
  if (busy && creatorRequestId !== undefined && busy.creatorRequestId === creatorRequestId)
    return { OperationId: busy.id };
  refuseDuplicate(busy);
  if (!service.instances.has(id)) checkQuota(state, service);
  const seq = ++state.seq;
  return submit(state, {
    type: 'REGISTER_INSTANCE',
    targets: { NAMESPACE: service.namespace.id, SERVICE: service.id, INSTANCE: id },
    creatorRequestId,
    effect: () => {
      const before = service.instances.get(id);
      service.instances.set(id, {
        id,
        seq: before?.seq ?? seq,
        attributes,
        creatorRequestId,
        health: firstHealth(service, attributes['AWS_INIT_HEALTH_STATUS']),
      });
      if (!before || state.revisionOnUpdate) service.revision++;
    },
  });
};

const firstHealth = (service: Service, asked: string | undefined): Instance['health'] => {
  if (service.healthCheck !== 'custom') return 'UNKNOWN';
  return asked === 'UNHEALTHY' ? 'UNHEALTHY' : 'HEALTHY';
};

const deregister = (state: State, input: Input) => {
  const service = serviceOf(state, input);
  const id = text(input, 'InstanceId');
  refuseDuplicate(pendingOn(state, service, id));
  findInstance(service, id);
  return submit(state, {
    type: 'DEREGISTER_INSTANCE',
    targets: { NAMESPACE: service.namespace.id, SERVICE: service.id, INSTANCE: id },
    effect: () => {
      service.instances.delete(id);
      service.revision++;
    },
  });
};

const pendingOn = (state: State, service: Service, id: string) =>
  [...state.open].find(({ targets }) => targets.SERVICE === service.id && targets.INSTANCE === id);

const refuseDuplicate = (busy: { readonly id: string } | undefined) => {
  if (busy)
    throw new AwsFault('DuplicateRequest', 'The operation is already in progress.', 400, {
      DuplicateOperationId: busy.id,
    });
};

const checkQuota = (state: State, service: Service) => {
  const inNamespace = [...state.services.values()]
    .filter(({ namespace }) => namespace.id === service.namespace.id)
    .reduce((sum, { instances }) => sum + instances.size, 0);
  if (service.instances.size >= MOST_PER_SERVICE || inNamespace >= state.instancesPerNamespace)
    throw new AwsFault('ResourceLimitExceeded', 'The quota of instances has been reached.');
};
