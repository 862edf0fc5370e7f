import { findRegion, isRegion, regionRefusal } from '../../shared/platform/aws/region.ts';

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
      const { env } = process;
      const given = options.region || written;
      const region = await findRegion({ given, env, profile: profileOf(options, provider, env) });
      if (!isRegion(region))
        throw new serverless.classes.Error(
          regionRefusal(region, 'AWS_PROFILE, --aws-profile'),
          'REGION_MISSING',
        );
      provider.region = region;
    };
  }
}

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
