import { createHash } from 'node:crypto';
import { AwsFault } from '../service.ts';
import { type Input, invalid, optionalText, records, text, texts } from './input.ts';
import { submit } from './operations.ts';
import { page } from './paging.ts';
import { ACCOUNT, type Namespace, newResource, type State } from './state.ts';
import { readTags } from './tags.ts';

/** Another account's is known by its ARN alone. */
export const findNamespace = (state: State, idOrArn: string): Namespace => {
  const found = state.namespaces.get(idOrArn.split('/').at(-1) ?? '');
  if (!found || (found.account !== ACCOUNT && idOrArn !== found.arn))
    throw new AwsFault('NamespaceNotFound', `No namespace exists with the ID ${idOrArn}.`);
  return found;
};

export const namespaceHandlers = (state: State) => ({
  CreateHttpNamespace: (input: Input) =>
    create(state, input, { type: 'HTTP', name: /^(?!arn:)[!-~]{1,1024}$/ }),
  CreatePrivateDnsNamespace: (input: Input) =>
    create(state, input, {
      type: 'DNS_PRIVATE',
      name: /^(?!arn:)[!-~]{1,253}$/,
      vpc: text(input, 'Vpc'),
    }),

  GetNamespace: (input: Input) => ({
    Namespace: describe(state, findNamespace(state, text(input, 'Id'))),
  }),

  ListNamespaces(input: Input) {
    const filters = records(input, 'Filters').map(toFilter);
    const { items, NextToken } = page(state.namespaces.values(), input, (namespace) =>
      filters.every((matches) => matches(namespace)),
    );
    return { Namespaces: items.map((namespace) => describe(state, namespace)), NextToken };
  },

  DeleteNamespace(input: Input) {
    const namespace = findNamespace(state, text(input, 'Id'));
    if (serviceCount(state, namespace) > 0)
      throw new AwsFault(
        'ResourceInUse',
        'The namespace cannot be deleted: it still holds services.',
      );
    return submit(state, {
      type: 'DELETE_NAMESPACE',
      targets: { NAMESPACE: namespace.id },
      effect: () => state.namespaces.delete(namespace.id),
    });
  },
});

interface Kind {
  readonly type: Namespace['type'];
  readonly name: RegExp;
  readonly vpc?: string;
}

const create = (state: State, input: Input, { type, name: pattern, vpc }: Kind) => {
  const name = text(input, 'Name');
  if (!pattern.test(name)) throw invalid(`Name ${name} does not match ${pattern.source}`);
  const twin = namesakes(state, name).find(
    (other) => other.account === ACCOUNT && other.type === type && other.vpc === vpc,
  );
  if (twin)
    throw new AwsFault('NamespaceAlreadyExists', 'The namespace already exists.', 400, {
      NamespaceId: twin.id,
    });
  const namespace = newNamespace(state, { name, type, vpc, tags: readTags(input) });
  return submit(state, {
    type: 'CREATE_NAMESPACE',
    targets: { NAMESPACE: namespace.id },
    creatorRequestId: optionalText(input, 'CreatorRequestId'),
    effect: () => state.namespaces.set(namespace.id, namespace),
  });
};

type Wanted = Pick<Namespace, 'name' | 'type'> &
  Partial<Pick<Namespace, 'vpc' | 'account' | 'tags'>>;

export const addNamespace = (state: State, wanted: Wanted): Namespace => {
  const namespace = newNamespace(state, wanted);
  state.namespaces.set(namespace.id, namespace);
  return namespace;
};

const newNamespace = (
  state: State,
  { name, type, vpc, account = ACCOUNT, tags = new Map() }: Wanted,
): Namespace => {
  const resource = newResource(state, 'ns', account);
  // AWS tells namesakes apart by a hash in the name that Discover* goes by.
  const hash = createHash('sha256').update(resource.id).digest('hex').slice(0, 8);
  const isTaken = namesakes(state, name).some((other) => other.account === account);
  const httpName = isTaken ? `${name}-${hash}` : name;
  return { ...resource, name, httpName, type, vpc, account, tags };
};

const namesakes = (state: State, name: string) =>
  [...state.namespaces.values()].filter((other) => other.name === name);

const toFilter = (filter: Input): ((namespace: Namespace) => boolean) => {
  const name = text(filter, 'Name');
  const values = texts(filter, 'Values');
  const [value = ''] = values;
  const condition = optionalText(filter, 'Condition') ?? 'EQ';
  if (condition === 'EQ' && values.length !== 1) throw invalid('EQ takes one value');
  const read = facts[name];
  if (!read) throw invalid(`Filter ${name} is not known`);
  return (namespace) =>
    condition === 'BEGINS_WITH' ? read(namespace).startsWith(value) : read(namespace) === value;
};

const facts: Readonly<Record<string, (namespace: Namespace) => string>> = {
  TYPE: ({ type }) => type,
  NAME: ({ name }) => name,
  HTTP_NAME: ({ httpName }) => httpName,
  RESOURCE_OWNER: ({ account }) => (account === ACCOUNT ? 'SELF' : 'OTHER_ACCOUNTS'),
};

const serviceCount = (state: State, { id }: Namespace) =>
  [...state.services.values()].filter(({ namespace }) => namespace.id === id).length;

const describe = (state: State, namespace: Namespace) => ({
  Id: namespace.id,
  Arn: namespace.arn,
  ResourceOwner: namespace.account,
  Name: namespace.name,
  Type: namespace.type,
  ServiceCount: serviceCount(state, namespace),
  Properties: { HttpProperties: { HttpName: namespace.httpName } },
  CreateDate: new Date(namespace.created),
});
