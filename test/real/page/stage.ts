import type { ResolveConfig } from '../../../shared/config/config.ts';
import { REGISTRY_NAMES, type RegistryName } from '../../../shared/model/registration.ts';
import type { Summary } from '../../../shared/model/summary.ts';
import { createResolver } from '../../../shared/resolver/resolver.ts';
import { serve } from '../../../shared/resolver/server.ts';
import { type Content, DEPLOYMENT, directory, NOW, round, SHOP } from '../../support/page-scene.ts';
import { secret } from '../../unit/resolver/support.ts';

export const TOKEN = 'c0rrect-horse';

/** A catalogue behind a real server. What stands in `state` can be changed while it runs. */
export const servePage = async (
  access: ResolveConfig['access'] = 'open',
  content: Readonly<Record<RegistryName, Content>> = SHOP,
) => {
  const state: {
    cloudmap: { content: Content; failure?: Error };
    consul: { content: Content; failure?: Error };
    eureka: { content: Content; failure?: Error };
    round: Summary | undefined;
  } = {
    cloudmap: { content: content.cloudmap },
    consul: { content: content.consul },
    eureka: { content: content.eureka },
    round: round(),
  };
  const directories = REGISTRY_NAMES.map((name) => directory(name, state[name]));
  const [first] = directories;
  if (!first) throw new Error('no registry');
  const resolver = createResolver({
    config: {
      from: 'cloudmap',
      access,
      token: secret(TOKEN),
      ttl: 0,
      corsOrigins: [],
      wait: 0,
      held: 0,
    },
    directory: first,
    page: {
      ...DEPLOYMENT,
      directories: async () => directories,
      summary: async () => state.round,
    },
    now: () => NOW,
  });
  const server = await serve(resolver, { port: 0, host: '127.0.0.1' });
  return { state, url: `http://127.0.0.1:${server.port}/`, stop: () => server.stop(1_000) };
};
