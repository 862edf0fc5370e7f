import { join, relative } from 'node:path';
import type { Plugin } from 'esbuild';
import { type Bundle, bundle } from '../bundle.ts';
import { ROOT } from './options.ts';

/**
 * What there is for other protocols and for the page alone, and what stands in for it. The rest of
 * both goes with `routes.ts`.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  'shared/resolver/routes.ts': `export { rollcallRoutes as ROUTES } from './protocols/rollcall/routes.ts';`,
  'shared/resolver/lookup/follower.ts': 'export const createFollower = undefined;',
  'shared/resolver/lookup/holds.ts':
    'export const createHolds = undefined, shareOf = undefined, sleep = undefined;',
  'shared/resolver/lookup/long-poll.ts': 'export const createLongPoll = undefined;',
  'shared/resolver/page/page-data.ts': 'export const createPageReader = undefined;',
  'shared/resolver/page/sources.ts': 'export const pageSources = undefined;',
};

/** A path that has moved fails the build, and so does an export that is wanted besides. */
const standIns: Plugin = {
  name: 'stand-ins',
  setup(build) {
    const used = new Set<string>();
    build.onLoad({ filter: /[\\/]shared[\\/].*\.ts$/ }, ({ path }) => {
      const name = relative(ROOT, path).replaceAll('\\', '/');
      const contents = STAND_INS[name];
      if (contents === undefined) return undefined;
      used.add(name);
      return { contents, loader: 'ts', resolveDir: join(path, '..') };
    });
    build.onEnd(() => ({
      errors: Object.keys(STAND_INS)
        .filter((name) => !used.has(name))
        .map((name) => ({ text: `${name}: expected the resolver to load it` })),
    }));
  },
};

/**
 * The resolver with its own API alone: no other protocol, no page, no description of itself. Only
 * to compare: it answers nothing.
 */
export const resolverAlone = (outdir: string): Promise<Bundle> =>
  bundle({ entry: join(ROOT, 'functions/resolve.ts'), outdir, besides: [standIns] });

type Sizes = Pick<Bundle, 'start' | 'onDemand'>;

/**
 * Bytes, minified, that one bundle has and the other has not: in what every start loads, and in
 * what some requests load.
 */
export const added = (whole: Sizes, without: Sizes) => ({
  start: whole.start.bytes - without.start.bytes,
  onDemand: whole.onDemand.bytes - without.onDemand.bytes,
});
