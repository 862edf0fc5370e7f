/**
 * What a change of a parameter would do to what is registered, or to what cannot be had back by
 * deploying once more. `serverless deploy` stops at each of these until it is accepted by name.
 * Each parameter stands here or in HARMLESS; one that stands in neither is asked about too.
 */
export const ASKED: Readonly<Record<string, string>> = {
  registries:
    'One more is filled in the next round; the records of one less stay, and go stale. In another order the resolver reads another, while resolveFrom is empty.',
  owner:
    'All is registered anew beside the former records, which are then nobody’s and never removed.',
  clusters:
    'Tasks of clusters that are added are registered; the records of clusters left out stay, and go stale.',
  profile: 'The next round renames, adds and removes.',
  tasks: 'The next round adds and removes.',
  mode: 'The next round adds and removes.',
  address: 'The next round changes the addresses of all records, and takes out tasks without one.',
  nameTemplate:
    'The next round renames: the names of before go, and clients that ask for them find nobody.',
  nameTemplates:
    'The next round renames in the clusters that match: clients that ask for the names of before find nobody.',
  names:
    'Whoever has a name that is now others’ alone loses it once one of these is registered under it: within deleteLimit, or all at once with sharedNames=refuse; a name that is pinned no more is anybody’s who has a right to it.',
  labels:
    'With less, names that labels gave go in the next round; with more, whoever may write a task definition may give its tasks more names.',
  sharedNames:
    'With refuse, all but one owner of a name leave it once that one is registered under it: all records at once, whatever deleteLimit says. With another, they come back to it.',
  addressLabels:
    'With on, labels may send a name’s clients to any address; with off, what labels say of addresses, hosts and URLs goes in the next round, and VIPs go as names do.',
  policy:
    'observe writes nothing, create-only adds, upsert-only changes too, sync removes too: from the next minute on.',
  deleteLimit: 'With more, removals that are withheld now may go; with less, more wait.',
  namespace:
    'All is registered anew in the other namespace; the records in the former stay, and go stale. One that the stack made is deleted, or left behind.',
  vpcId:
    'The namespace that the stack made is deleted, or left behind, and all is registered anew in another.',
  dns: 'Services that are made from then on have other DNS records, which cannot be changed later.',
  consulHttpAddr:
    'Where it leads to another catalogue all is registered anew there; the records in the former stay, and go stale.',
  consulHttpSsl: 'Without it the token may cross the network unencrypted.',
  consulNamespace: 'All is registered anew there; the records in the former stay, and go stale.',
  consulPartition: 'All is registered anew there; the records in the former stay, and go stale.',
  consulDatacenter: 'All is registered anew there; the records in the former stay, and go stale.',
  eurekaUrl:
    'Where it leads to other servers all is registered anew there; clients of the former lose all within three minutes.',
  subnetIds:
    'The functions move in or out of the network. Of a registry that they do not reach from there nothing is kept true, and Eureka forgets all within three minutes.',
  securityGroupIds:
    'Of a registry that the functions do not reach with these nothing is kept true, and Eureka forgets all within three minutes.',
  resolver:
    'Clients find nothing any more where they ask now. With off the token is deleted, and another made on the way back.',
  resolveOriginSecret:
    'Requests that do not bring this secret are refused; without one everybody who gets past CloudFront may ask.',
  disableExecuteApiEndpoint: 'Clients that ask at the address of execute-api are refused.',
  resolveAccess:
    'Clients that ask in the former way are refused, or everybody may ask. The token is deleted, and another made on the way back.',
  permissionsBoundary: 'Roles may do more than before, or less than they need.',
  rolePath: 'Every role is replaced by one with another ARN.',
  kmsKeyArn:
    'Messages that wait lie under the former key, which the functions may no longer use; the token and the logs are encrypted anew, or not at all.',
  logRetention: 'With fewer days, what is older is deleted from the logs.',
  publishEvents:
    'With off, rules and programs that listen for Rollcall Registration Change hear nothing any more.',
  alarmTopicArn: 'Alarms tell the former topic nothing any more.',
};

/** A change of these is told, and made. Deploying the former value makes all as it was. */
export const HARMLESS: readonly string[] = [
  'ecsReadShare',
  'consulHttpToken',
  'consulCacert',
  'consulClientCert',
  'consulClientKey',
  'consulTlsServerName',
  'eurekaCacert',
  'eurekaClientCert',
  'eurekaClientKey',
  'eurekaTlsServerName',
  'secretArns',
  'parameterArns',
  'secretKeyArns',
  'resolveConsulToken',
  'resolveEurekaUrl',
  'resolveSecretArns',
  'resolveReservedConcurrency',
  'resolveFrom',
  'resolveCidrs',
  'resolveTtl',
  'resolveCorsOrigins',
  'resolveWait',
  'resolveHeld',
  'pageHistory',
  'resolveRate',
  'resolveBurst',
  'logLevel',
  'tracing',
  'dashboard',
  'eventConcurrency',
];
