import { devNull } from 'node:os';

export type Variables = Readonly<Record<string, string>>;

/** Everything that the AWS SDK, Consul's and Eureka's settings and Rollcall read. */
const READ = /^(AWS|CONSUL|EUREKA|ROLLCALL)_/i;

/**
 * What the SDK must have to call a simulator: credentials that are none, and no file of the user's.
 */
export const SIMULATED_ACCOUNT: Variables = {
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_REGION: 'eu-central-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
};

/**
 * Makes these the only variables of their kind that the process has, since people have AWS_PROFILE
 * and CONSUL_HTTP_ADDR exported. Returns what puts the old ones back.
 */
export const replaceEnvironment = (variables: Variables): (() => void) => {
  const before = Object.entries(process.env).filter(([name]) => READ.test(name));
  const clear = () => {
    for (const name of Object.keys(process.env)) if (READ.test(name)) delete process.env[name];
  };
  clear();
  Object.assign(process.env, variables);
  return () => {
    clear();
    Object.assign(process.env, Object.fromEntries(before));
  };
};

const EUREKA_URLS = 'EUREKA_CLIENT_SERVICEURL_DEFAULTZONE';

/** Those of the user's variables that name a real registry, with what it takes to be let in. */
export const realRegistries = (env: NodeJS.ProcessEnv): Variables => ({
  ...(env['CONSUL_HTTP_ADDR'] && pick(env, /^CONSUL_/)),
  // On one's own machine whoever writes may read with the same credentials.
  ...(env['CONSUL_HTTP_ADDR'] &&
    env['CONSUL_HTTP_TOKEN'] && { ROLLCALL_RESOLVE_CONSUL_TOKEN: env['CONSUL_HTTP_TOKEN'] }),
  ...(env[EUREKA_URLS] && {
    [EUREKA_URLS]: env[EUREKA_URLS],
    ROLLCALL_RESOLVE_EUREKA_URL: env[EUREKA_URLS],
  }),
});

const pick = (env: NodeJS.ProcessEnv, names: RegExp): Variables =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      names.test(name) && value ? [[name, value]] : [],
    ),
  );
