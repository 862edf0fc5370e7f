import { globSync, readFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REGISTRY_NAMES } from '../../shared/model/registration.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Where a layer lives; the first that matches is meant. Whatever matches none is not shipped. */
const PLACES = [
  ['functions', /^functions\//],
  ['assembly', /^shared\/(sync\/runtime|resolver\/page\/sources)\.ts$/],
  ['sync', /^shared\/sync\//],
  ['choice', /^shared\/resolver\/lookup\/choose\.ts$/],
  ['resolver', /^shared\/resolver\//],
  ['source', /^shared\/source\//],
  ['derive', /^shared\/derive\//],
  ['plan', /^shared\/plan\//],
  ['index', /^shared\/registries\/(index|directories)\.ts$/],
  ['registry', /^shared\/registries\/[^/]+\//],
  ['interface', /^shared\/registries\/[^/]+\.ts$/],
  ['config', /^shared\/config\//],
  ['model', /^shared\/model\//],
  ['platform', /^shared\/platform\//],
] as const;
type Layer = (typeof PLACES)[number][0];

/**
 * What each layer may import besides itself: only layers that stand above it here, so that imports
 * run one way.
 */
const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  model: [],
  platform: ['model'],
  config: ['platform', 'model'],
  interface: ['config', 'platform', 'model'],
  registry: ['interface', 'config', 'platform', 'model'],
  index: ['registry', 'interface', 'config', 'platform', 'model'],
  plan: ['interface', 'config', 'model'],
  derive: ['config', 'model'],
  source: ['platform', 'model'],
  choice: ['model'],
  resolver: ['choice', 'interface', 'config', 'platform', 'model'],
  sync: ['source', 'derive', 'plan', 'interface', 'config', 'platform', 'model'],
  assembly: ['sync', 'source', 'index', 'config', 'platform', 'model'],
  functions: ['assembly', 'sync', 'resolver', 'index', 'config', 'platform'],
};

/** No I/O and no clock: of Node only hashing, of packages nothing. */
const PURE: readonly (Layer | undefined)[] = ['model', 'derive', 'plan', 'choice'];
const IMPURE =
  /\b(?:Date\.now|new Date\(\)|Date\(\)|performance|set(?:Timeout|Interval|Immediate)|fetch\(|Math\.random|process\.|console)/g;

const layerOf = (file: string): Layer | undefined =>
  PLACES.find(([, place]) => place.test(file))?.[0];
const registryOf = (file: string) => /^shared\/registries\/([^/]+)\//.exec(file)?.[1];

const STATIC = /^(?:import|export)\b(?:[\w\s{},*$]*?\bfrom)?\s*['"]([^'"]+)['"]/gm;
const DYNAMIC = /\b(?:import|require|getBuiltinModule)\(\s*(?:['"]([^'"]+)['"])?/g;

/**
 * Every module that the source text names, types included; `undefined` for one that it names only
 * when it runs.
 */
const importsOf = (text: string): readonly (string | undefined)[] =>
  [STATIC, DYNAMIC].flatMap((form) => [...text.matchAll(form)].map(([, name]) => name));

const faultOf = (file: string, name: string | undefined): string | undefined => {
  if (name === undefined) return 'imports what only a run can tell';
  const from = layerOf(file);
  if (!name.startsWith('.')) {
    return PURE.includes(from) && name !== 'node:crypto'
      ? `is pure, and imports ${name}`
      : undefined;
  }
  const target = posix.join(posix.dirname(file), name);
  const to = layerOf(target);
  if (!from || !to) return `imports ${target}, which is not shipped`;
  if (from === to ? registryOf(file) === registryOf(target) : MAY_IMPORT[from].includes(to))
    return undefined;
  return `is of ${from}, and imports ${target} of ${to}`;
};

const faultsOf = (file: string, text: string): readonly string[] => {
  const uses = PURE.includes(layerOf(file)) ? [...text.matchAll(IMPURE)] : [];
  return [
    ...importsOf(text).flatMap((name) => faultOf(file, name) ?? []),
    ...uses.map(([use]) => `is pure, and uses ${use}`),
  ].map((fault) => `${file} ${fault}`);
};

const shipped = globSync(['functions/**/*.ts', 'shared/**/*.ts'], { cwd: ROOT }).map((file) => ({
  file,
  text: readFileSync(join(ROOT, file), 'utf8'),
}));

describe('the layers', () => {
  it('are kept by every file that is shipped', () => {
    expect(shipped.flatMap(({ file, text }) => faultsOf(file, text))).toEqual([]);
  });

  it('are all there, and registries have a folder each', () => {
    const files = shipped.map(({ file }) => file);
    expect(new Set(files.map(layerOf))).toEqual(new Set(Object.keys(MAY_IMPORT)));
    expect(new Set(files.flatMap((file) => registryOf(file) ?? []))).toEqual(
      new Set(REGISTRY_NAMES),
    );
  });

  it('have no circle: each may import only what stands above it', () => {
    const order = Object.keys(MAY_IMPORT);
    for (const [layer, below] of Object.entries(MAY_IMPORT)) {
      for (const one of below) expect(order.indexOf(one)).toBeLessThan(order.indexOf(layer));
    }
  });
});

/**
 * The folders of `shared/sync`, in the order in which work goes through them: each may import only
 * from lines before its own. Files beside them are shared by all, or put the stages together.
 */
const STAGES = [
  ['trigger'],
  ['observe'],
  ['apply'],
  ['requeue', 'leases', 'limits'],
  ['round'],
  ['admin'],
] as const;

const stageOf = (file: string) => /^shared\/sync\/([^/]+)\//.exec(file)?.[1];
const lineOf = (stage: string) => STAGES.findIndex((line) => line.some((one) => one === stage));

/** What a file of one stage imports from a stage that does not come before it. */
const stageFaultsOf = (file: string, text: string): readonly string[] => {
  const from = stageOf(file);
  if (from === undefined) return [];
  return importsOf(text).flatMap((name) => {
    const target = name?.startsWith('.') ? posix.join(posix.dirname(file), name) : '';
    const to = stageOf(target);
    if (to === undefined || to === from || lineOf(to) < lineOf(from)) return [];
    return [`${file} is of ${from}, and imports ${target} of ${to}`];
  });
};

describe('the stages of shared/sync', () => {
  it('import only from stages before them', () => {
    expect(shipped.flatMap(({ file, text }) => stageFaultsOf(file, text))).toEqual([]);
  });

  it('are all there', () => {
    const found = new Set(shipped.flatMap(({ file }) => stageOf(file) ?? []));
    expect(found).toEqual(new Set(STAGES.flat()));
  });

  it.each([
    ['trigger/trigger.ts', '../observe/task-state.ts', 'observe'],
    ['apply/portions.ts', '../requeue/requeue.ts', 'requeue'],
    ['leases/leases.ts', '../limits/delete-limit.ts', 'limits'],
  ])('are not kept where %s imports %s', (file, name, stage) => {
    expect(stageFaultsOf(`shared/sync/${file}`, `import type { X } from '${name}';`)).toEqual([
      expect.stringContaining(`of ${stage}`),
    ]);
  });

  it.each([
    ['observe/decide.ts', '../trigger/trigger.ts'],
    ['apply/confirm.ts', './apply.ts'],
    ['trigger/trigger.ts', '../scope.ts'],
    ['handle-events.ts', './requeue/requeue.ts'],
  ])('are kept where %s imports %s', (file, name) => {
    expect(stageFaultsOf(`shared/sync/${file}`, `import { x } from '${name}';`)).toEqual([]);
  });
});

/** Relative imports of each file, types included. */
type Imports = ReadonlyMap<string, readonly string[]>;

/**
 * The files of one circle, in the order in which they import each other; none where there is none.
 * Types count: two files that name each other's types are understood only together, and an import
 * of a type becomes one of a value without anybody's noticing.
 */
const circleIn = (imports: Imports): readonly string[] => {
  const left = new Map(imports);
  const next = (file: string) => imports.get(file)?.find((target) => left.has(target));
  for (let before = Number.NaN; left.size !== before; ) {
    before = left.size;
    for (const file of left.keys()) if (next(file) === undefined) left.delete(file);
  }
  const way: string[] = [];
  for (let [file] = left.keys(); file !== undefined; file = next(file)) {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    way.push(file);
  }
  return [];
};

const EVERYTHING = '{bench,command,functions,local,scripts,shared,stack,test}/**/*.{ts,mjs}';
/** Its imports lead from where it is copied to. */
const TEMPLATE = 'scripts/new-registry/template/**';

describe('the command', () => {
  const commands = globSync('command/**/*.{ts,mjs}', { cwd: ROOT });
  const strangers = (file: string, text: string) =>
    importsOf(text).flatMap((name) => {
      if (!name?.startsWith('.')) return [];
      const target = posix.join(posix.dirname(file), name);
      const [top] = target.split('/');
      const isPreview = file.startsWith('command/preview/');
      return target === 'package.json' ||
        top === 'command' ||
        top === 'shared' ||
        (top === 'local' && isPreview)
        ? []
        : [`${file} imports ${target}`];
    });

  it('is made of its own and of what is shared; only previews need the simulated AWS', () => {
    expect(commands.length).toBeGreaterThan(10);
    const found = commands.flatMap((file) =>
      strangers(file, readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ['command/commands/plan.ts', '../../functions/inspect.ts'],
    ['command/target/invoke.ts', '../../local/stack.ts'],
  ])('would be told of in %s: %s', (file, name) => {
    expect(strangers(file, `import { x } from '${name}';`)).toHaveLength(1);
  });
});

describe('files', () => {
  it('import each other in no circle', () => {
    const imports = new Map(
      globSync(EVERYTHING, { cwd: ROOT, exclude: [TEMPLATE] }).map((file) => {
        const names = importsOf(readFileSync(join(ROOT, file), 'utf8'));
        const relative = names.filter((name) => name?.startsWith('.'));
        return [file, relative.map((name) => posix.join(posix.dirname(file), name ?? ''))] as const;
      }),
    );
    expect(imports.size).toBeGreaterThan(shipped.length);
    expect(circleIn(imports)).toEqual([]);
  });

  it.each<[string, readonly (readonly [string, readonly string[]])[], readonly string[]]>([
    [
      'two files',
      [
        ['a', ['b']],
        ['b', ['a']],
      ],
      ['a', 'b', 'a'],
    ],
    ['a file and itself', [['a', ['a']]], ['a', 'a']],
    [
      'three files behind one that only leads there, and one that leads on',
      [
        ['a', ['e', 'b']],
        ['b', ['c']],
        ['c', ['e', 'd']],
        ['d', ['b']],
        ['e', []],
      ],
      ['b', 'c', 'd', 'b'],
    ],
    [
      'none in a diamond',
      [
        ['a', ['b', 'c']],
        ['b', ['d']],
        ['c', ['d']],
        ['d', ['e']],
      ],
      [],
    ],
  ])('in a circle are found: %s', (_, imports, circle) => {
    expect(circleIn(new Map(imports))).toEqual(circle);
  });
});

describe('the reading of imports', () => {
  it.each([
    ["import { a } from './a.ts';", './a.ts'],
    ["import type { A } from './a.ts';", './a.ts'],
    ["import a, * as b from './a.ts';", './a.ts'],
    ["import {\n  a,\n  type B,\n} from './a.ts';", './a.ts'],
    ["import './a.ts';", './a.ts'],
    ["export * from './a.ts';", './a.ts'],
    ["export { a as b } from './a.ts';", './a.ts'],
    ["const { a } = await import('./a.ts');", './a.ts'],
    ["const load = () =>\n  import(\n    './a.ts'\n  );", './a.ts'],
    ["type A = import('./a.ts').A;", './a.ts'],
    ["const fs = process.getBuiltinModule('node:fs');", 'node:fs'],
    ['const load = (name: string) => import(name);', undefined],
  ])('finds what %j names', (text, name) => {
    expect(importsOf(text)).toEqual([name]);
  });

  it('finds nothing in other statements', () => {
    expect(
      importsOf("export const from = 'a';\nconst b = Array.from('b');\n// from './c.ts'\n"),
    ).toEqual([]);
  });
});

describe('a breach', () => {
  it.each([
    ['shared/model/task.ts', "import { x } from '../platform/http/client.ts';", 'of platform'],
    ['shared/sync/handle-events.ts', "import { x } from './runtime.ts';", 'of assembly'],
    ['shared/source/aws.ts', "import type { X } from '../sync/deps.ts';", 'of sync'],
    ['shared/source/aws.ts', "const x = await import('../../local/clock.ts');", 'not shipped'],
    ['functions/inspect.ts', "import { x } from '../command/ask.ts';", 'not shipped'],
    ['functions/renew.ts', "import '../test/fixtures/cloudmap.ts';", 'not shipped'],
    [
      'functions/renew.ts',
      "import { x } from '../shared/registries/eureka/eureka.ts';",
      'of registry',
    ],
    [
      'shared/sync/leases/renew.ts',
      "import { x } from '../../registries/eureka/eureka.ts';",
      'of registry',
    ],
    [
      'shared/plan/plan.ts',
      "import type { X } from '../registries/consul/wire.ts';",
      'of registry',
    ],
    [
      'shared/resolver/lookup/request-reader.ts',
      "import { x } from '../../registries/consul/write.ts';",
      'of registry',
    ],
    [
      'shared/resolver/lookup/request-reader.ts',
      "import { x } from '../../registries/index.ts';",
      'of index',
    ],
    ['shared/registries/consul/write.ts', "import { x } from '../eureka/wire.ts';", 'of registry'],
    ['shared/resolver/lookup/choose.ts', "import { x } from './cache.ts';", 'of resolver'],
    ['shared/derive/id.ts', "import fs from 'node:fs';", 'imports node:fs'],
    ['shared/derive/id.ts', "import * as v from 'valibot';", 'imports valibot'],
    ['shared/plan/plan.ts', 'const at = Date.now();', 'uses Date.now'],
    ['shared/plan/plan.ts', 'const at = new Date();', 'uses new Date()'],
    ['shared/derive/id.ts', 'const owner = process.env.OWNER;', 'uses process.'],
    ['shared/resolver/lookup/choose.ts', 'const random = Math.random;', 'uses Math.random'],
  ])('in %s is told: %s', (file, text, fault) => {
    expect(faultsOf(file, text)).toEqual([expect.stringContaining(fault)]);
  });

  it.each([
    ['shared/derive/metadata.ts', "import type { X } from '../model/task.ts';\nnew Date(started);"],
    ['shared/derive/hash.ts', "import crypto from 'node:crypto';"],
    ['shared/registries/index.ts', "const x = await import('./consul/consul.ts');"],
    ['shared/resolver/protocols/rollcall/routes.ts', "import { x } from '../../lookup/choose.ts';"],
  ])('is none in %s: %s', (file, text) => {
    expect(faultsOf(file, text)).toEqual([]);
  });
});
