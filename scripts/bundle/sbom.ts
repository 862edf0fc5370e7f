import type { Package } from './packages.ts';

/** A function or the command, and the folders of the packages that its bundle holds. */
export interface Contents {
  readonly name: string;
  readonly folders: readonly string[];
}

export interface Bill {
  /** Of our own package.json. */
  readonly version: string;
  readonly functions: readonly Contents[];
  readonly packages: readonly Package[];
  /** Folder to npm's integrity (`sha512-…`), as package-lock.json has it. */
  readonly integrity: Readonly<Record<string, string | undefined>>;
}

/**
 * What is bundled, as CycloneDX 1.6 has it: each package once, and which function holds which.
 * Without time or serial number, so that the same bundles have the same bill.
 */
export const toSbom = ({ version, functions, packages, integrity }: Bill) => {
  const refOf = new Map(packages.map((one) => [one.folder, purlOf(one)]));
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': 'rollcall',
        name: 'rollcall',
        version,
        licenses: [{ license: { id: 'Apache-2.0' } }],
        components: functions.map(({ name }) => ({
          type: 'application',
          'bom-ref': `rollcall/${name}`,
          name,
          version,
        })),
      },
    },
    components: unique(packages).map((one) => ({
      type: 'library',
      'bom-ref': purlOf(one),
      name: one.name,
      version: one.version,
      purl: purlOf(one),
      licenses: [toLicense(one.license)],
      ...toHashes(integrity[one.folder]),
    })),
    dependencies: [
      { ref: 'rollcall', dependsOn: functions.map(({ name }) => `rollcall/${name}`) },
      ...functions.map(({ name, folders }) => ({
        ref: `rollcall/${name}`,
        dependsOn: [...new Set(folders.flatMap((folder) => refOf.get(folder) ?? []))].sort(),
      })),
    ],
  };
};

/** One version may be installed at several places. */
const unique = (packages: readonly Package[]): readonly Package[] => [
  ...new Map(packages.map((one) => [purlOf(one), one])).values(),
];

/** As the package-url specification has it: of a scope's name the `@` is escaped. */
const purlOf = ({ name, version }: Package) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

const toLicense = (license: string) =>
  /^[\w.-]+$/.test(license) ? { license: { id: license } } : { expression: license };

const toHashes = (integrity: string | undefined) => {
  const [, digest] = /^sha512-(\S+)$/.exec(integrity ?? '') ?? [];
  if (digest === undefined) return {};
  const content = Buffer.from(digest, 'base64').toString('hex');
  return { hashes: [{ alg: 'SHA-512', content }] };
};

/** Every licence's text once, under the names of the packages that have it. */
export const toLicences = (packages: readonly Package[]): string => {
  const named = (some: readonly Package[]) =>
    some.map(({ name, version, license }) => `${name} ${version} (${license})`).sort();
  const all = unique(packages);
  const byText = Map.groupBy(all, ({ texts }) => texts.join('\n\n'));
  const sections = [...byText]
    .map(([text, some]) => [...named(some), '', text || NO_TEXT].join('\n'))
    .sort();
  const head = `Licences of the ${all.length} packages that the bundles hold.`;
  return `${[head, ...sections].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
};

const NO_TEXT = 'Without a text of its own in the package.';
