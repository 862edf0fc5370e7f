import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

const TABLE = /^((?:export )?(?:var|const) [\w$]+ = )(\[[\s\S]*?\]);$/gm;

/**
 * Lets esbuild drop the shape tables of AWS operations that nobody calls: as they come, arrays that refer to
 * other names count as having effects, and all of EC2's (half a megabyte) stay in.
 * Leans on how the SDK's generator lays out `dist-es/schemas/schemas_N.js`; a test runs what comes out.
 */
export const pureSchemas: Plugin = {
  name: 'pure-schemas',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]@aws-sdk[\\/].*dist-es[\\/].*schemas[\\/]schemas_\d+\.js$/ },
      async (file) => ({
        contents: pureTables(await readFile(file.path, 'utf8')),
        loader: 'js',
      }),
    );
  },
};

/** esbuild inlines the identity function again, so that nothing of it is left at run time. */
export const pureTables = (source: string) =>
  `const table = (rows) => rows;\n${source.replace(TABLE, '$1/* @__PURE__ */ table($2);')}`;

/**
 * In Lambda, credentials come in the environment and from nowhere else. The SDK's default chain would bring
 * SSO, STS, profiles and web identity along: 80 KB. Only bundles are changed; `npm start` keeps the chain.
 */
export const environmentCredentials: Plugin = {
  name: 'environment-credentials',
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, async (wanted) => {
      if (wanted.pluginData === 'real') return undefined;
      const { importer, resolveDir, kind } = wanted;
      const real = await build.resolve(wanted.path, { importer, resolveDir, kind, pluginData: 'real' });
      return { path: real.path, namespace: 'environment-credentials', sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: 'environment-credentials' }, ({ path }) => ({
      contents: `export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';`,
      resolveDir: dirname(path),
      loader: 'js',
    }));
  },
};
