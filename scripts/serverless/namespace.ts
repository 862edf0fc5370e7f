import type { NamespaceSummary } from '@aws-sdk/client-servicediscovery';
import { type Aws, isWithoutCredentials, standingResource } from './standing-stack.ts';

interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Resources: Readonly<
    Record<string, { readonly Properties?: Readonly<Record<string, unknown>> }>
  >;
}

interface Serverless {
  readonly service: { readonly provider: { readonly compiledCloudFormationTemplate: Template } };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  getProvider(name: 'aws'): Aws;
}

interface Utils {
  readonly log: { warning(message: string): void };
}

/** The namespace that a template makes with the defaults of its parameters. */
export interface Wanted {
  readonly logicalId: 'HttpNamespace' | 'PrivateNamespace';
  readonly name: string;
  /** Of a private DNS namespace. */
  readonly vpcId?: string;
}

/**
 * Cloud Map keeps a namespace that still has services when the stack lets go of it, and then
 * refuses to make another of its name: CloudFormation would find out in the middle of an update.
 * Here it is found before anything is changed, and adopting it is proposed. Who may not ask Cloud
 * Map is warned, and the deployment goes on. `serverless package` asks nothing.
 */
export default class Namespace {
  readonly hooks: Record<string, () => Promise<void>>;

  constructor(serverless: Serverless, _options: unknown, { log }: Utils) {
    this.hooks = {
      'before:aws:deploy:deploy:createStack': async () => {
        const wanted = namespaceWanted(serverless.service.provider.compiledCloudFormationTemplate);
        if (!wanted) return;
        const inTheWay = await findInTheWay(serverless.getProvider('aws'), wanted).catch(
          (error) => {
            if (isWithoutCredentials(error)) throw error;
            log.warning(
              `Whether there is a namespace ${wanted.name} already could not be asked: ${error}`,
            );
            return undefined;
          },
        );
        if (inTheWay) throw new serverless.classes.Error(proposal(inTheWay), 'NAMESPACE_EXISTS');
      },
    };
  }
}

export const namespaceWanted = ({ Parameters, Resources }: Template): Wanted | undefined => {
  const given = (name: string) => String(Parameters[name]?.Default ?? '');
  if (!given('registries').split(',').includes('cloudmap') || given('namespace') !== '')
    return undefined;
  const vpcId = given('vpcId');
  const logicalId = vpcId === '' ? 'HttpNamespace' : 'PrivateNamespace';
  const name = String(Resources[logicalId]?.Properties?.['Name']);
  return { logicalId, name, ...(vpcId !== '' && { vpcId }) };
};

const findInTheWay = async (aws: Aws, wanted: Wanted): Promise<NamespaceSummary | undefined> => {
  const { paginateListNamespaces, ServiceDiscoveryClient } = await import(
    '@aws-sdk/client-servicediscovery'
  );
  const client = new ServiceDiscoveryClient(await aws.getAwsSdkV3Config());
  // One that another account shares is listed too, and is not in the way.
  const Filters = [
    { Name: 'RESOURCE_OWNER' as const, Values: ['SELF'] },
    { Name: 'NAME' as const, Values: [wanted.name] },
  ];
  const found: NamespaceSummary[] = [];
  for await (const { Namespaces } of paginateListNamespaces({ client }, { Filters }))
    found.push(...(Namespaces ?? []));
  const candidates = found.filter((one) => isInTheWay(one, wanted));
  if (candidates.length === 0) return undefined;
  const own = await standingResource(aws, wanted.logicalId);
  return candidates.every(({ Id }) => Id !== own) ? candidates[0] : undefined;
};

/**
 * AWS does not say whether private namespaces of one name may stand in different VPCs. One that is
 * told apart by the VPC in its description is left to Cloud Map to judge; others are in the way.
 */
export const isInTheWay = (
  { Name, Description = '' }: NamespaceSummary,
  { name, vpcId }: Wanted,
): boolean => {
  const toldVpc = /\bvpc-[0-9a-f]+\b/.exec(Description)?.[0];
  const isElsewhere = vpcId !== undefined && toldVpc !== undefined && toldVpc !== vpcId;
  return Name === name && !isElsewhere;
};

const proposal = ({ Id, Name, Type }: NamespaceSummary): string =>
  [
    `Cloud Map has a namespace ${Name} already (${Id}, ${Type}), which is not this stack's, and makes no second one of a name.`,
    `Left behind by an earlier deployment? Adopt it: --param namespace=${Id} (or \`namespace: ${Id}\` in params.yml), from now on.`,
    "Not wanted any more? Delete its services and the namespace itself, and deploy again. Somebody else's? Take another --stage.",
    'docs/operations.md, "A namespace that was left behind", says more.',
  ].join('\n');
