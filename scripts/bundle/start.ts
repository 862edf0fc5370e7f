import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join, relative } from 'node:path';
import type { Metafile, Plugin } from 'esbuild';
import { ROOT } from './options.ts';

/**
 * How a bundle is laid out so that a start is short (docs/decisions/stack.md). `entry` is where it
 * starts, and `besides` is to be loaded with it: absolute paths.
 */
export const startPlugins = (entry: string, besides: readonly string[]): Plugin[] => [
  oneChunk(entry, besides),
  builtins,
];

/**
 * What every start loads in one chunk. esbuild puts together what is reached from the same entries,
 * and each dynamic import is one: that makes thirty files, each of which Node has to find, read and
 * link. Here whatever is loaded on demand imports all that the entry imports, which is there by
 * then. Not the entry itself: it may be waiting for what is loaded.
 */
const oneChunk = (entry: string, besides: readonly string[]): Plugin => ({
  name: 'one-chunk',
  setup(build) {
    const imported = new Set(besides);
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path !== entry) return undefined;
      const source = await readFile(path, 'utf8');
      return { contents: [source, ...besides.map(toImport)].join('\n'), loader: 'ts' };
    });
    build.onResolve({ filter: /^\./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData !== undefined) return undefined;
      if (importer === entry && kind === 'import-statement') imported.add(join(resolveDir, path));
      if (kind !== 'dynamic-import') return undefined;
      const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: SEEN });
      if (found.errors.length > 0) return found;
      return { path: relative(ROOT, found.path), namespace: ON_DEMAND };
    });
    build.onLoad({ filter: /.*/, namespace: ON_DEMAND }, ({ path }) => {
      const own = `export * from ${JSON.stringify(join(ROOT, path))};`;
      return { contents: [...[...imported].map(toImport), own].join('\n'), resolveDir: ROOT };
    });
  },
});

const toImport = (file: string) => `import ${JSON.stringify(file)};`;

/** Bytes below which a file takes Node longer to find than to load. */
const SMALL = 1_200;

/**
 * Files of ours that several others share which are loaded on demand, where that makes a chunk that
 * is too small to be one: better loaded with the start. `isStart` says of an output whether every
 * start loads it.
 */
export const smallShared = ({ outputs }: Metafile, isStart: (output: string) => boolean) =>
  Object.entries(outputs)
    .filter(([name, { entryPoint, bytes }]) => !entryPoint && bytes < SMALL && !isStart(name))
    .flatMap(([, { inputs }]) => Object.keys(inputs))
    .filter((file) => file.startsWith('shared/'))
    .map((file) => join(ROOT, file));

const SEEN = 'seen';
const ON_DEMAND = 'on-demand';

/**
 * Node's own modules without what ESM puts in front of them. `import 'node:fs'` looks at every
 * export, and several load further modules when they are looked at: `fs.promises`, `fs.ReadStream`,
 * `crypto.webcrypto`. Here only what is imported is looked at.
 */
const builtins: Plugin = {
  name: 'builtins',
  setup(build) {
    build.onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      if (kind !== 'import-statement' || !builtinModules.includes(name)) return undefined;
      return { path: name, namespace: BUILTIN, sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: BUILTIN }, ({ path }) => {
      const exported = Object.keys(Object(process.getBuiltinModule(path))).filter(
        (name) => /^[\w$]+$/.test(name) && name !== 'default',
      );
      const pure = (name: string, value: string) =>
        `const ${name} = /* @__PURE__ */ (() => ${value})();`;
      const lines = exported.flatMap((name, at) => [
        pure(`own${at}`, `all.${name}`),
        `export { own${at} as ${name} };`,
      ]);
      const all = pure('all', `process.getBuiltinModule(${JSON.stringify(path)})`);
      return { contents: [all, 'export default all;', ...lines].join('\n') };
    });
  },
};

const BUILTIN = 'builtin';
