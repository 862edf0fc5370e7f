import type { Shape } from './decode.ts';

const texts: Shape = { map: 'text' };
const address: Shape = { fields: { Address: 'text', Port: 'whole' } };

const serviceFields = {
  Kind: 'text',
  ID: 'text',
  Service: 'text',
  Tags: { list: 'text' },
  Address: 'text',
  TaggedAddresses: { map: address },
  Meta: texts,
  Port: 'whole',
  Weights: { fields: { Passing: 'whole', Warning: 'whole' } },
  EnableTagOverride: 'flag',
  Namespace: 'text',
  CreateIndex: 'whole',
  ModifyIndex: 'whole',
} satisfies Record<string, Shape>;

const checkFields = {
  Node: 'text',
  CheckID: 'text',
  Name: 'text',
  Status: 'text',
  Notes: 'text',
  Output: 'text',
  ServiceID: 'text',
  ServiceName: 'text',
  ServiceTags: { list: 'text' },
  Type: 'text',
  Namespace: 'text',
  Definition: {
    fields: {
      HTTP: 'text',
      Header: { map: { list: 'text' } },
      Method: 'text',
      Body: 'text',
      TLSSkipVerify: 'flag',
      TCP: 'text',
      GRPC: 'text',
      GRPCUseTLS: 'flag',
      Interval: 'duration',
      Timeout: 'duration',
      DeregisterCriticalServiceAfter: 'duration',
    },
  },
  CreateIndex: 'whole',
  ModifyIndex: 'whole',
} satisfies Record<string, Shape>;

export const REGISTER: Shape = {
  fields: {
    ID: 'text',
    Node: 'text',
    Address: 'text',
    TaggedAddresses: texts,
    NodeMeta: texts,
    Datacenter: 'text',
    Service: { fields: serviceFields },
    Check: { fields: checkFields },
    Checks: { list: { fields: checkFields } },
    SkipNodeUpdate: 'flag',
  },
};

export const DEREGISTER: Shape = {
  fields: {
    Node: 'text',
    ServiceID: 'text',
    CheckID: 'text',
    Datacenter: 'text',
    Namespace: 'text',
  },
};

const node: Shape = {
  fields: {
    ID: 'text',
    Node: 'text',
    Address: 'text',
    Datacenter: 'text',
    TaggedAddresses: texts,
    Meta: texts,
    CreateIndex: 'whole',
    ModifyIndex: 'whole',
  },
};

export const TXN: Shape = {
  list: {
    fields: {
      Node: { fields: { Verb: 'text', Node: node } },
      Service: { fields: { Verb: 'text', Node: 'text', Service: { fields: serviceFields } } },
      Check: { fields: { Verb: 'text', Check: { fields: checkFields } } },
    },
  },
};
