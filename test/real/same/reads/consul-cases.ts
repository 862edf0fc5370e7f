/** What stands in Consul, and what it and the resolver are asked. */

export const REGION = { REGION: 'eu' };
export const RECORDS = [
  {
    ip: '10.0.0.1',
    id: 'a',
    service: 'web',
    tags: ['Blue', 'v1'],
    status: 'passing',
    meta: { version: '1' },
  },
  {
    ip: '10.0.0.2',
    id: 'b',
    service: 'web',
    tags: ['v1'],
    status: 'critical',
    meta: { version: '2', dots: 'a.b' },
  },
  { ip: '10.0.0.1', id: 'c', service: 'api', tags: [], status: 'passing', meta: {} },
  {
    ip: '10.0.0.3',
    id: 'd',
    service: 'Mixed_Case',
    tags: ['x y', 'ä', 'a,b'],
    status: 'warning',
    meta: {},
  },
  { ip: '10.0.0.3', id: 'e', service: 'unchecked', tags: [], status: '', meta: {} },
];

const OF_SERVICE = [
  ...[
    '',
    '?tag=v1',
    '?tag=blue',
    '?tag=v1&tag=Blue',
    '?tag=none',
    '?near=_agent',
    '?dc=dc1',
    '?dc=',
    '?token=',
  ],
  ...[
    '?pretty',
    '?cached',
    '?stale',
    '?consistent',
    '?index=0',
    '?index=',
    '?wait=10s',
    '?wait=',
    '?node-meta=REGION:eu',
  ],
  ...['?node-meta=REGION:us', '?index=1&wait=1s', '?index=18446744073709551615&wait=1s'],
];
const PASSING = [
  'passing',
  'passing=',
  'passing=1',
  'passing=true',
  'passing=T',
  'passing=false',
  'passing=0',
];
export const PATHS = [
  ...[
    '/v1/catalog/services',
    '/v1/catalog/services?node-meta=REGION:eu',
    '/v1/catalog/datacenters',
  ],
  ...[
    '/v1/catalog/nodes?node-meta=REGION:eu',
    '/v1/catalog/node/ip-10-0-0-1',
    '/v1/catalog/node/none',
  ],
  ...OF_SERVICE.flatMap((query) => [
    `/v1/catalog/service/web${query}`,
    `/v1/health/service/web${query}`,
  ]),
  ...PASSING.map((query) => `/v1/health/service/web?${query}`),
  ...['WEB', 'Mixed_Case', 'mixed_case', 'api', 'none', 'a%2Fb'].flatMap((name) => [
    `/v1/catalog/service/${name}`,
    `/v1/health/service/${name}`,
    `/v1/health/service/${name}?passing`,
    `/v1/health/checks/${name}`,
  ]),
  ...['?node-meta=REGION:us', '?tag=none', '?filter=Status==critical', '?index=1&wait=1s'].map(
    (query) => `/v1/health/checks/web${query}`,
  ),
  ...['/v1/health/node', '/v1/catalog/node-services'].flatMap((path) =>
    ['ip-10-0-0-1', 'ip-10-0-0-2', 'none', 'ip-10-0-0-1?node-meta=REGION:us'].map(
      (node) => `${path}/${node}`,
    ),
  ),
  '/v1/health/node/ip-10-0-0-1?filter=ServiceName==web',
  '/v1/catalog/node-services/ip-10-0-0-1?filter=Service==web',
  ...['any', 'passing', 'critical', 'none'].map(
    (state) => `/v1/health/state/${state}?filter=ServiceName==web`,
  ),
  '/v1/health/state/any?node-meta=REGION:us',
  ...['a', 'a/b?raw', '?recurse', 'a?keys', 'a?index=1&wait=1s'].map((key) => `/v1/kv/${key}`),
  '/v1/nothing',
];

/** Texts for errors, and the statuses of both. */
export const REFUSED = [
  ['/v1/health/service/web?index=x', 400, 400],
  ['/v1/health/service/web?index=-1', 400, 400],
  ['/v1/health/service/web?wait=soon', 400, 400],
  ['/v1/health/service/web?passing=no', 400, 400],
  // A fault of the client's, whatever Consul calls it.
  ['/v1/health/service/web?filter=Foo==1', 500, 400],
  ['/v1/health/service/none?filter=Foo==1', 500, 400],
  ['/v1/health/checks/web?filter=Foo==1', 500, 400],
  ['/v1/health/node/ip-10-0-0-1?filter=Foo==1', 500, 400],
  ['/v1/catalog/node-services/ip-10-0-0-1?filter=Foo==1', 500, 400],
  // There is one datacenter here, whatever a client calls it.
  ['/v1/health/service/web?dc=dc9', 500, 200],
] as const;

export const FILTERS = [
  ...[
    'Service.Service == web',
    'Service.Service == "web"',
    'Service.Service == `web`',
    'Service.ID!=a',
    'Service.Port == 8080',
  ],
  ...[
    'Service.Port != 8080',
    'Service.Port == eighty',
    'Service.Port == 8080.0',
    '8080 in Service.Port',
    'Service.Port is empty',
  ],
  ...[
    'Service.EnableTagOverride == F',
    'Service.EnableTagOverride == no',
    'Service.Meta.version == 1',
    'Service.Meta.none != 1',
  ],
  ...[
    'Service.Meta["version"] == 1',
    'Service.Meta.dots == "a.b"',
    'version in Service.Meta',
    'none not in Service.Meta',
  ],
  ...[
    'Service.Meta contains version',
    'Service.Meta is not empty',
    'blue in Service.Tags',
    'Blue in Service.Tags',
  ],
  ...[
    '"v1" not in Service.Tags',
    'Service.Tags not contains Blue',
    'Service.Tags is empty',
    'Service.Tags == v1',
  ],
  ...[
    'eb in Service.Service',
    'Service.Service contains "eb"',
    'Checks.Status == passing',
    'Checks.Status != "passing"',
  ],
  ...[
    'not Checks.Status == passing',
    'Checks is empty',
    'Checks is not empty',
    'Checks.Status contains pass',
  ],
  ...[
    'Service.Service matches "^w.b$"',
    'Service.ID matches "[a]"',
    'Service.ID not matches "[a]"',
    // Of a key that is missing 1.8.7 says that it matches; newer ones say as the resolver does.
    'Service.Meta.version matches `^[1]$`',
    'Service.Meta.none not matches ".*"',
    'Checks.Status matches "^pass"',
    'Service.ID matches "(?i)A"',
    'Service.ID matches "[a"',
    'Service.ID matches "(?=a)"',
    'Service.Port matches "8"',
    'Service.Tags matches "v"',
    'Service.ID matches',
  ],
  ...[
    'Service.Kind == ""',
    'Service.Kind != "connect-proxy"',
    'Service.Kind is empty',
    'Service.ID is empty',
    'Service.Meta.none is not empty',
    'eb in Service.Kind',
    'Node.TaggedAddresses.lan matches "1"',
    'x in Checks.ServiceTags',
    'Service.Proxy.Mode == ""',
    'Service.Proxy.DestinationServiceName == ""',
    'Service.Proxy.LocalServicePort == 0',
    'Service.Proxy.Upstreams is empty',
    'Service.Proxy.Upstreams.DestinationName == db',
    'Service.Proxy.Expose.Checks == false',
    'Service.Connect.Native == false',
    'Service.TaggedAddresses is empty',
    'lan in Service.TaggedAddresses',
    'Service.TaggedAddresses.lan.Address == x',
    'Service.TaggedAddresses.lan.Port != 80',
    'Service.TaggedAddresses.lan == x',
    'Service.ModifyIndex == 1',
    'Service.CreateIndex != 1',
    'Node.ModifyIndex == 1',
    'Checks.ModifyIndex == 1',
    'Checks.Definition.HTTP == ""',
    'Checks.Output == ""',
  ],
  ...[
    'Node.Node == "ip-10-0-0-1"',
    'Node.Meta.REGION == eu',
    'Service.ID == "\\u0061"',
    'Service.Weights.Passing == 1',
  ],
  ...[
    'v1 in Service.Tags and Blue in Service.Tags',
    'Service.ID == a or Service.ID == b and Service.Port == 1',
  ],
  ...[
    'not Service.ID == a and Service.ID == b',
    'not (Service.ID == a or Service.ID == b)',
    '((Service.ID == a))',
  ],
  ...[
    'not not Service.ID == a',
    'Service.ID == a\nor Service.ID == b',
    'Service.ID == and',
    'in in Service.Tags',
  ],
  ...[
    'Service.ID',
    'Service.ID ==',
    '== a',
    'Service.ID = a',
    'Service.ID == a b',
    '(Service.ID == a',
    'Service.ID == a)',
  ],
  ...[
    'Foo == 1',
    'Service.Foo == 1',
    'Service == a',
    'Service.Meta == 1',
    '"Service.ID" == a',
    'Service.ID is full',
    'not',
  ],
  ...[
    'Service.ID == "a',
    "Service.ID == 'a'",
    'Service.Port > 1',
    'Service.Meta.version == "\\1"',
    'service.id == a',
  ],
];
