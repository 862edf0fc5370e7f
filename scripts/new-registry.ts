import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const TEMPLATE = join(import.meta.dirname, 'new-registry/template');
const NAME = /^[a-z][a-z0-9]{1,20}$/;

/**
 * Files of the template, by where they go. Whatever is called acme in them gets the registry's
 * name.
 */
const FILES: Readonly<Record<string, string>> = {
  'shared/registries/acme/client.ts': 'registry/client.ts',
  'shared/registries/acme/names.ts': 'registry/names.ts',
  'shared/registries/acme/record.ts': 'registry/record.ts',
  'shared/registries/acme/read.ts': 'registry/read.ts',
  'shared/registries/acme/write.ts': 'registry/write.ts',
  'shared/registries/acme/directory.ts': 'registry/directory.ts',
  'shared/registries/acme/index.ts': 'registry/index.ts',
  'test/contract/acme.harness.ts': 'contract/harness.ts',
  'test/contract/acme.test.ts': 'contract/test.ts',
};

interface Edit {
  readonly file: string;
  /** Must match once. */
  readonly at: RegExp;
  readonly text: string;
  /** Default: before what matches. */
  readonly after?: true;
}

/** What is written into files that are there. */
const EDITS: readonly Edit[] = [
  {
    file: 'shared/model/registration.ts',
    at: /(?<=REGISTRY_NAMES = \[[^\]]*)\]/,
    text: ", 'acme'",
  },
  {
    file: 'shared/registries/index.ts',
    at: /(?<=const WRITERS[^;]*)\n\};/,
    text: "\n  acme: () => import('./acme/index.ts'),",
  },
  {
    file: 'shared/registries/directories.ts',
    at: /(?<=const READERS[^;]*)\n\};/,
    text: "\n  acme: () => import('./acme/directory.ts'),",
  },
  {
    file: 'shared/config/config.ts',
    at: / {2}readonly resolve: /,
    text: '  readonly acme?: AcmeConfig;\n',
  },
  {
    file: 'shared/config/config.ts',
    at: /export interface ResolveConfig/,
    text: `export interface AcmeConfig {
  /** Base URL, no slash at the end. */
  readonly url: string;
}

`,
  },
  {
    file: 'shared/config/settings.ts',
    at: / {2}resolveFrom: setting/,
    text: `  acmeUrl: setting({
    registry: 'acme',
    env: 'ACME_URL',
    param: 'acmeUrl',
  }),
`,
  },
  {
    file: 'shared/config/load.ts',
    at: /\n {4}\.\.\.\(uses\('eureka'\)[^\n]*/,
    after: true,
    text: "\n    ...(uses('acme') && { acme: { url: read.required('acmeUrl') } }),",
  },
  {
    file: 'stack/registries.ts',
    at: /(?<=REGISTRIES: [\s\S]*)\n\};/,
    text: "\n  acme: { logicalName: 'Acme', needs: ['acmeUrl'], mayHideRecords: false },",
  },
  {
    file: 'stack/parameters.yml',
    at: / {2}secretArns:\n/,
    text: `  acmeUrl:
    Type: String
    Default: \${param:acmeUrl, ''}
    Description: Acme server, as a URL without a slash at the end; needed with Acme.
`,
  },
  {
    file: 'stack/changes.ts',
    at: / {2}subnetIds:\n/,
    text: `  acmeUrl:
    'Where it leads to another catalogue all is registered anew there; the records in the former stay, and go stale.',
`,
  },
  {
    file: 'stack/interface.yml',
    at: / {6}- Label: \{ default: Secrets \}/,
    text: `      - Label: { default: Acme }
        Parameters: [acmeUrl]
`,
  },
];

/**
 * Adds a registry of this name that does nothing yet. Rejects, and changes nothing, where there is
 * one or a file has another form.
 */
export const scaffold = async (root: string, name: string): Promise<readonly string[]> => {
  if (!NAME.test(name))
    throw new Error(`a name is of lower-case letters and digits, not ${JSON.stringify(name)}`);
  const named = (text: string) =>
    text
      .replaceAll('acme', name)
      .replaceAll('Acme', `${name[0]?.toUpperCase()}${name.slice(1)}`)
      .replaceAll('ACME', name.toUpperCase());
  const texts = new Map<string, string>();
  for (const [to, from] of Object.entries(FILES))
    texts.set(named(to), named(await readFile(join(TEMPLATE, from), 'utf8')));
  const made = [...texts.keys()];
  for (const { file, at, text, after } of EDITS) {
    const before = texts.get(file) ?? (await readFile(join(root, file), 'utf8'));
    const found = [...before.matchAll(new RegExp(at, 'g'))];
    const [match] = found;
    if (!match || found.length > 1)
      throw new Error(`${file}: expected ${at} once, found it ${found.length} times`);
    const place = match.index + (after ? match[0].length : 0);
    texts.set(file, before.slice(0, place) + named(text) + before.slice(place));
  }
  for (const file of made)
    await writeFile(await folderOf(join(root, file)), texts.get(file) ?? '', { flag: 'wx' });
  for (const [file, text] of texts)
    if (!made.includes(file)) await writeFile(join(root, file), text);
  return [...texts.keys()];
};

const folderOf = async (file: string) => {
  await mkdir(dirname(file), { recursive: true });
  return file;
};

const main = async (name = '') => {
  const files = await scaffold(resolve(import.meta.dirname, '..'), name);
  console.log(`written:\n${files.map((file) => `  ${file}`).join('\n')}`);
  console.log(
    `Now: npx vitest run test/contract/${name}.test.ts, until it passes (docs/writing-a-registry.md).`,
  );
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv[2]);
