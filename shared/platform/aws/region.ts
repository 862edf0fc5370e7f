/** Where a region may stand, in the order in which it is looked for. */
export interface RegionPlaces {
  /** By the command itself. */
  readonly given: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whose region counts at last; none: the default one. */
  readonly profile: string | undefined;
}

/**
 * Where AWS's own tools look for a region, and nothing else: none is guessed. Undefined where none
 * of them says one.
 */
export const findRegion = async ({
  given,
  env,
  profile,
}: RegionPlaces): Promise<string | undefined> =>
  given || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || (await regionOfProfile(profile));

/** `eu-central-1`, `us-gov-west-1`, `eusc-de-east-1`. */
export const isRegion = (region: string | undefined): region is string =>
  region !== undefined && /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region);

/** What is wrong with it, and where one may be said; `profiles` is how a profile is chosen. */
export const regionRefusal = (region: string | undefined, profiles = 'AWS_PROFILE'): string =>
  [
    region
      ? `"${region}" is no region: expected one as eu-central-1.`
      : 'No region is given, and none is guessed.',
    `Say where the stack is, or is to be: --region eu-central-1, or AWS_REGION, AWS_DEFAULT_REGION, or \`region\` in the profile (${profiles}).`,
  ].join('\n');

/** As the SDK reads the shared files; undefined where they, or the profile, say none. */
const regionOfProfile = async (profile: string | undefined): Promise<string | undefined> => {
  const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation');
  const { config } = new CloudFormationClient(profile === undefined ? {} : { profile });
  return config.region().catch(() => undefined);
};
