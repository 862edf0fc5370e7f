import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { OnResolveArgs, Plugin, PluginBuild } from 'esbuild';

/**
 * What a bundle for Lambda can do without, and esbuild cannot know. Each of these leans on how the
 * SDK's files are laid out; a test runs what comes out, and a layout that has changed fails the
 * build or the size limit.
 */
export const plugins = (): Plugin[] => [
  leanSchemas,
  shortManifests,
  shortPartitions,
  nativeHash,
  neverUsed,
  xmlApart,
  servicesApart,
  environmentCredentials,
];

/**
 * Of these what the command can do without too: on people's machines credentials come in every way,
 * and CloudFormation speaks the query protocol.
 */
export const commandPlugins = (): Plugin[] => [leanSchemas, shortManifests, nativeHash];

const TABLE = /^((?:export )?(?:var|const) [\w$]+ = )(\[[\s\S]*?\]);$/gm;

const MODELLED_ERROR = /^n\d+_registry\.registerError\(.*\);$/gm;

/**
 * The shape tables of AWS operations that nobody calls: as they come, arrays that refer to other
 * names count as having effects, and all of EC2's (half a megabyte) stay in. With them go the
 * classes of errors, which nobody tells apart but by their names: the SDK then makes its client's
 * general one of the same name, message and members. ECS has 8 KB of them, SSM 60.
 */
const leanSchemas: Plugin = {
  name: 'lean-schemas',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]@aws-sdk[\\/].*dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ },
      async ({ path }) => ({
        contents: pureTables((await readFile(path, 'utf8')).replace(MODELLED_ERROR, '')),
        loader: 'js',
      }),
    );
  },
};

/** A pure call without arguments: what an argument refers to, esbuild would keep. */
export const pureTables = (source: string) =>
  source.replace(TABLE, '$1/* @__PURE__ */ (() => $2)();');

/**
 * Each client takes its whole package.json along, for the version in its user agent: 2 KB apiece.
 */
const shortManifests: Plugin = {
  name: 'short-manifests',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/ },
      async ({ path }) => {
        const { version } = JSON.parse(await readFile(path, 'utf8'));
        return { contents: JSON.stringify({ version }), loader: 'json' };
      },
    );
  },
};

/**
 * The names that AWS's regions have for people, 3 KB. Which partition a region is of, its pattern
 * tells too.
 */
const shortPartitions: Plugin = {
  name: 'short-partitions',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]@aws-sdk[\\/]core[\\/].*[\\/]aws[\\/]partitions\.js$/ },
      async ({ path }) => ({
        contents: withoutRegions(await readFile(path, 'utf8')),
        loader: 'js',
      }),
    );
  },
};

export const withoutRegions = (source: string) =>
  source.replace(/("regions": )\{(?:[^{}]|\{[^{}]*\})*\}/g, '$1{}');

/** SHA-256 and MD5 in JavaScript, for a Node without OpenSSL: Lambda's is never without. */
const nativeHash: Plugin = {
  name: 'native-hash',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]@smithy[\\/]core[\\/].*[\\/](Sha256|Md5)Js\.js$/ },
      ({ path }) => ({
        contents: `export const ${basename(path, '.js')} = undefined;`,
        loader: 'js',
      }),
    );
  },
};

/**
 * What Lambda never comes to, by the end of the file's path, and what stands for it. Region and
 * credentials come in the environment, so neither a machine's metadata nor profiles in files are
 * read; nothing here asks for the adaptive way of trying again, which is the standard one behind a
 * rate limiter, nor for other settings than the SDK's usual ones; nobody calls S3, sends a file or
 * a stream of events, or signs a request for several regions; no client has a logger, for which
 * each answer would be gone through, nor does anybody count which of the SDK's features are in use;
 * there is no browser, nor any of its streams, for which Node would load its own at the first
 * answer; and Node is new enough. 14 KB, and what of Node's own streams and zlib every start loaded
 * for it.
 */
const NEVER_USED: Readonly<Record<string, string>> = {
  'regionConfig/getInstanceMetadataRegion.js':
    'export const getInstanceMetadataRegion = async () => undefined;',
  'shared-ini-file-loader/loadSharedConfigFiles.js': `export { CONFIG_PREFIX_SEPARATOR } from './constants';
export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });`,
  'util-retry/AdaptiveRetryStrategy.js':
    "export { StandardRetryStrategy as AdaptiveRetryStrategy } from './StandardRetryStrategy.js';",
  'service-customizations/index.js': 'export const resolveParamsForS3 = undefined;',
  'defaults-mode/resolveDefaultsModeConfig.js':
    "export const resolveDefaultsModeConfig = () => async () => 'legacy';",
  'dist-es/HeaderFormatter.js': 'export class HeaderFormatter {}',
  'aws_sdk/AwsSdkSigV4ASigner.js':
    "export { AwsSdkSigV4Signer as AwsSdkSigV4ASigner } from './AwsSdkSigV4Signer.js';",
  'aws_sdk/resolveAwsSdkSigV4AConfig.js': `export const resolveAwsSdkSigV4AConfig = (config) => config;
const none = () => undefined;
export const NODE_SIGV4A_CONFIG_OPTIONS =
  { environmentVariableSelector: none, configFileSelector: none, default: undefined };`,
  'middleware-logger/loggerMiddleware.js': `export const loggerMiddleware = undefined;
export const loggerMiddlewareOptions = undefined;
export const getLoggerPlugin = () => ({ applyToStack() {} });`,
  'smithy-client/schemaLogFilter.js': 'export const schemaLogFilter = (_, data) => data;',
  'middleware-user-agent/check-features.js': 'export const checkFeatures = async () => {};',
  'util-body-length/calculateBodyLength.js':
    'export const calculateBodyLength = (body) => Buffer.byteLength(body ?? "");',
  'util-user-agent-browser/createUserAgentStringParsingProvider.js':
    'export const createUserAgentStringParsingProvider = undefined;',
  'util-stream/stream-type-check.js':
    'export const isReadableStream = () => false; export const isBlob = () => false;',
  'event-streams/index.js': `export const EventStreamSerde = undefined;
export const eventStreamSerdeProvider = undefined;
export const resolveEventStreamSerdeConfig = (config) => config;`,
  'client/emitWarningIfUnsupportedVersion.js': `export const state = { warningEmitted: true };
export const emitWarningIfUnsupportedVersion = () => {};`,
};

const neverUsed: Plugin = {
  name: 'never-used',
  setup(build) {
    const packages =
      /[\\/](?:@smithy[\\/](?:core|signature-v4)|@aws-sdk[\\/]core)[\\/]dist-es[\\/]/;
    build.onLoad({ filter: packages }, ({ path }) => {
      const contents = NEVER_USED[path.split(/[\\/]/).slice(-2).join('/')];
      return contents === undefined ? undefined : { contents, resolveDir: dirname(path) };
    });
  },
};

const QUERY_AND_XML = /^export .* from "\.\/(query|xml)\/.*$/gm;

/**
 * Only EC2 speaks the query protocol and XML. esbuild splits by file, so through the one index of
 * all protocols they would be in what every start loads even where EC2's client is loaded on
 * demand. EC2 gets an index of its own.
 */
const xmlApart: Plugin = {
  name: 'xml-apart',
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/core\/protocols$/ }, async (wanted) => {
      if (wanted.pluginData === REAL || !/[\\/]client-ec2[\\/]/.test(wanted.importer))
        return undefined;
      return { path: await realPath(build, wanted), suffix: '?all', sideEffects: false };
    });
    build.onLoad(
      { filter: /[\\/]core[\\/]dist-es[\\/].*[\\/]protocols[\\/]index\.js$/ },
      async ({ path, suffix }) => {
        const index = await readFile(path, 'utf8');
        return {
          contents: suffix === '?all' ? index : index.replace(QUERY_AND_XML, ''),
          loader: 'js',
        };
      },
    );
  },
};

/**
 * ECS keeps the shapes of all its operations in one file, and esbuild splits by file: those of
 * DescribeServices, half as many as of all else that is called, would be in every start. What is
 * loaded on demand gets a copy of its own.
 */
const servicesApart: Plugin = {
  name: 'services-apart',
  setup(build) {
    build.onResolve({ filter: /schemas_0$/ }, async (wanted) => {
      if (wanted.pluginData === REAL || !/DescribeServicesCommand\.js$/.test(wanted.importer))
        return undefined;
      return { path: await realPath(build, wanted), suffix: '?services', sideEffects: false };
    });
  },
};

/**
 * In Lambda, credentials come in the environment and from nowhere else. The SDK's default chain
 * would bring SSO, STS, profiles and web identity along: 80 KB. Only bundles are changed; `npm
 * start` keeps the chain.
 */
const environmentCredentials: Plugin = {
  name: 'environment-credentials',
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, async (wanted) => {
      if (wanted.pluginData === REAL) return undefined;
      const { absWorkingDir = '' } = build.initialOptions;
      return {
        // From the root: it is part of a chunk's name, which is to be the same in every folder.
        path: relative(absWorkingDir, await realPath(build, wanted)),
        namespace: 'environment-credentials',
        sideEffects: false,
      };
    });
    build.onLoad({ filter: /.*/, namespace: 'environment-credentials' }, ({ path }) => ({
      contents: `export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';`,
      resolveDir: dirname(join(build.initialOptions.absWorkingDir ?? '', path)),
      loader: 'js',
    }));
  },
};

/** Marks a resolution of our own, which our plugins leave alone. */
const REAL = 'real';

const realPath = async (build: PluginBuild, { path, importer, resolveDir, kind }: OnResolveArgs) =>
  (await build.resolve(path, { importer, resolveDir, kind, pluginData: REAL })).path;
