interface Options {
  readonly region?: string;
  readonly stage?: string;
  readonly 'aws-profile'?: string;
}

interface Serverless {
  readonly service: {
    readonly provider: { region?: string; readonly profile?: string; readonly stage?: string };
  };
  readonly processedInput: { readonly isHelpRequest: boolean };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What the framework takes where no region is given, and writes into the configuration. */
export const GUESSED = 'us-east-1';

/**
 * The framework knows `--region` and otherwise takes us-east-1, whatever the environment says: a
 * stack there is green, and registers nothing. Here the region is looked for where AWS's own tools
 * look, and every command is refused without one, before AWS is asked anything.
 */
export default class Region {
  readonly asyncInit: () => Promise<void>;

  constructor(serverless: Serverless, options: Options) {
    this.asyncInit = async () => {
      if (serverless.processedInput.isHelpRequest) return;
      const { provider } = serverless.service;
      const written = provider.region === GUESSED ? undefined : provider.region;
      const region =
        options.region ||
        written ||
        process.env['AWS_REGION'] ||
        process.env['AWS_DEFAULT_REGION'] ||
        (await regionOfProfile(profileOf(options, provider, process.env)));
      if (!region || !FORM.test(region))
        throw new serverless.classes.Error(refusal(region), 'REGION_MISSING');
      provider.region = region;
    };
  }
}

/** `eu-central-1`, `us-gov-west-1`, `eusc-de-east-1`. */
const FORM = /^[a-z]{2,}(-[a-z]+)+-\d+$/;

const refusal = (region: string | undefined) =>
  [
    region
      ? `"${region}" is no region: expected one as eu-central-1.`
      : 'No region is given, and none is guessed.',
    'Say where the stack is, or is to be: --region eu-central-1, or AWS_REGION, AWS_DEFAULT_REGION, or `region` in the profile (AWS_PROFILE, --aws-profile).',
  ].join('\n');

/** The profile whose credentials the framework would take, in its order. */
const profileOf = (
  options: Options,
  provider: Serverless['service']['provider'],
  env: Environment,
): string | undefined => {
  const stage = options.stage ?? provider.stage ?? 'dev';
  return (
    options['aws-profile'] ||
    env[`AWS_${stage.toUpperCase()}_PROFILE`] ||
    env['AWS_PROFILE'] ||
    provider.profile ||
    env['AWS_DEFAULT_PROFILE']
  );
};

/** As the SDK reads the shared files; undefined where they, or the profile, say none. */
const regionOfProfile = async (profile: string | undefined): Promise<string | undefined> => {
  const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation');
  const { config } = new CloudFormationClient(profile === undefined ? {} : { profile });
  return config.region().catch(() => undefined);
};
