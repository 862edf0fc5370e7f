import { KEY, type Target } from '../../../model/registration.ts';

/**
 * Targets as Consul shows them. There is one node for each address, so that clients which use the
 * node's address instead of the service's are right as well.
 */

/** Consul's default name. There is only this one, whatever `dc` a client names. */
export const DATACENTER = 'dc1';

type StringMap = Readonly<Record<string, string>>;

export interface NodeEntry {
  readonly ID: string;
  readonly Node: string;
  readonly Address: string;
  readonly Datacenter: string;
  readonly TaggedAddresses: StringMap;
  readonly Meta: StringMap;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

/** Entries have no history here; 1 is the oldest index that there can be. */
const INDEXES = { CreateIndex: 1, ModifyIndex: 1 };
const NODE_KEYS: readonly string[] = [KEY.clusterName, KEY.zone, KEY.region, KEY.hostId];

/** `ip-10-0-1-17`, as EC2 names hosts; an address that is a host name stays as it is. */
export const nodeName = ({ address }: Target): string =>
  /^[\d.]+$|:/.test(address) ? `ip-${address.replace(/[.:%]/g, '-')}` : address;

/** The metadata of the target's node. */
export const nodeMetaOf = ({ metadata }: Target): StringMap =>
  Object.fromEntries(
    NODE_KEYS.flatMap((key) => {
      const value = metadata[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );

export const toNode = (target: Target): NodeEntry => ({
  ID: '',
  Node: nodeName(target),
  Address: target.address,
  Datacenter: DATACENTER,
  TaggedAddresses: { lan: target.address, wan: target.address },
  Meta: nodeMetaOf(target),
  ...INDEXES,
});

/** Consul has no field for the protocol: a tag says udp, as Registrator's did. */
export const shownTags = ({ tags, protocol }: Target) =>
  protocol === 'udp' && !tags.includes('udp') ? [...tags, 'udp'] : tags;

const weightsOf = ({ weight }: Target) => ({
  Passing: Math.max(0, Math.round(weight)),
  Warning: 1,
});

export const toService = (target: Target) => ({
  ID: target.id,
  Service: target.service,
  Tags: shownTags(target),
  Address: target.address,
  Port: target.port,
  Meta: target.metadata,
  Weights: weightsOf(target),
  EnableTagOverride: false,
  ...INDEXES,
});

/** The state of the target's one check. */
export const stateOf = ({ healthy }: Target) => (healthy ? 'passing' : 'critical');

/**
 * What filters may name of a service beside what is shown: that of one that is no proxy, and has
 * one address. In Consul these fields are there, empty, and mostly left out of answers.
 */
const UNSHOWN = {
  Kind: '',
  TaggedAddresses: {},
  Proxy: {
    DestinationServiceName: '',
    DestinationServiceID: '',
    LocalServiceAddress: '',
    LocalServicePort: 0,
    MeshGateway: { Mode: '' },
    Upstreams: [] as object[],
    Expose: { Checks: false, Paths: [] as object[] },
  },
  Connect: { Native: false },
};
/** The same, with one of each list and map, to tell what is in it. */
const UNSHOWN_SAMPLE: typeof UNSHOWN = {
  ...UNSHOWN,
  TaggedAddresses: { lan: { Address: '', Port: 0 } },
  Proxy: {
    ...UNSHOWN.Proxy,
    Upstreams: [
      {
        DestinationType: '',
        DestinationNamespace: '',
        DestinationName: '',
        Datacenter: '',
        LocalBindAddress: '',
        LocalBindPort: 0,
        MeshGateway: { Mode: '' },
      },
    ],
    Expose: {
      Checks: false,
      Paths: [
        { ListenerPort: 0, Path: '', LocalPathPort: 0, Protocol: '', ParsedFromCheck: false },
      ],
    },
  },
};

/** An entry as filters see it. `unshown`: the sample's where it is the sample. */
type Filtered = (target: Target, unshown: typeof UNSHOWN) => unknown;

/** How targets are shown, and how filters see them. */
export interface EntryKind {
  readonly show: (target: Target) => unknown;
  readonly filtered?: Filtered;
}

export const filteredBy = ({ show, filtered = show }: EntryKind) => ({
  entry: (target: Target) => filtered(target, UNSHOWN),
  sample: (target: Target) => filtered(target, UNSHOWN_SAMPLE),
});

/** An entry of `/v1/health/state/…`. */
export const toCheck = (target: Target) => ({
  Node: nodeName(target),
  CheckID: `rollcall:${target.id}`,
  Name: 'Rollcall',
  Status: stateOf(target),
  Notes: '',
  Output: '',
  ServiceID: target.id,
  ServiceName: target.service,
  ServiceTags: shownTags(target),
  Type: '',
  Definition: {},
  ...INDEXES,
});

/** An entry of `/v1/health/service/…`. */
export const toHealthEntry = (target: Target) => ({
  Node: toNode(target),
  Service: toService(target),
  Checks: [toCheck(target)],
});

/** An entry of `/v1/catalog/service/…`: node and service in one flat object. */
export const toCatalogEntry = (target: Target) => {
  const { ID, Node, Address, Datacenter, TaggedAddresses, Meta } = toNode(target);
  return {
    ID,
    Node,
    Address,
    Datacenter,
    TaggedAddresses,
    NodeMeta: Meta,
    ServiceKind: '',
    ServiceID: target.id,
    ServiceName: target.service,
    ServiceTags: shownTags(target),
    ServiceAddress: target.address,
    ServiceWeights: weightsOf(target),
    ServiceMeta: target.metadata,
    ServicePort: target.port,
    ServiceEnableTagOverride: false,
    ...INDEXES,
  };
};

export const NODES: EntryKind = { show: toNode };
export const CHECKS: EntryKind = { show: toCheck };
export const SERVICES: EntryKind = {
  show: toService,
  filtered: (target, unshown) => ({ ...toService(target), ...unshown }),
};
export const HEALTH: EntryKind = {
  show: toHealthEntry,
  filtered: (target, unshown) => ({
    ...toHealthEntry(target),
    Service: { ...toService(target), ...unshown },
  }),
};
export const CATALOG: EntryKind = {
  show: toCatalogEntry,
  filtered: (target, unshown) => ({
    ...toCatalogEntry(target),
    ServiceTaggedAddresses: unshown.TaggedAddresses,
    ServiceProxy: unshown.Proxy,
    ServiceConnect: unshown.Connect,
  }),
};
