import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { cachedFolder } from './cache.ts';
import { motoPython } from './moto.ts';
import { isUnavailable, type Unavailable } from './unavailable.ts';

const run = promisify(execFile);

/**
 * Folder in botocore's data, and the operations kept; all where none are named. EC2 has 800, and a
 * simulator two.
 */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  'ecs/2014-11-13': [],
  'ec2/2016-11-15': ['DescribeInstances', 'DescribeNetworkInterfaces'],
  'servicediscovery/2017-03-14': [],
  'logs/2014-03-28': ['FilterLogEvents'],
  'events/2015-10-07': ['PutEvents'],
  'sqs/2012-11-05': [],
  'ssm/2014-11-06': [],
  'secretsmanager/2017-10-17': [],
};

const NAME = 'aws-models-1.44.5-2';

/**
 * Where `modelsFolder` puts them; a change of botocore's version or of the form below needs another
 * name.
 */
export const MODELS = resolve(import.meta.dirname, `../../.cache/real/${NAME}`);

/**
 * AWS's own service models, one file for each target of the SDK's requests, without their
 * documentation.
 */
export const modelsFolder = async (): Promise<string | Unavailable> => {
  const python = await motoPython();
  if (isUnavailable(python)) return python;
  return cachedFolder(NAME, async (folder) => {
    const { stdout } = await run(python, ['-c', 'import botocore; print(botocore.__path__[0])']);
    for (const [service, kept] of Object.entries(SERVICES)) {
      const file = join(stdout.trim(), 'data', service, 'service-2.json.gz');
      const model: Model = JSON.parse(
        gunzipSync(await readFile(file)).toString(),
        withoutDocumentation,
      );
      const name = model.metadata.targetPrefix ?? model.metadata.endpointPrefix;
      await writeFile(join(folder, `${name}.json`), JSON.stringify(prune(model, kept)));
    }
  });
};

interface Model {
  readonly metadata: { readonly targetPrefix?: string; readonly endpointPrefix: string };
  readonly operations: Readonly<Record<string, unknown>>;
  readonly shapes: Readonly<Record<string, unknown>>;
}

/** A text of documentation; members and shapes of that name are objects. */
const withoutDocumentation = (key: string, value: unknown) =>
  key === 'documentation' && typeof value === 'string' ? undefined : value;

const prune = (model: Model, kept: readonly string[]): Model => {
  const operations = Object.fromEntries(
    Object.entries(model.operations).filter(([name]) => kept.length === 0 || kept.includes(name)),
  );
  const reached = new Set(shapesIn(operations));
  for (const name of reached) for (const next of shapesIn(model.shapes[name])) reached.add(next);
  const shapes = Object.entries(model.shapes).filter(([name]) => reached.has(name));
  return { metadata: model.metadata, operations, shapes: Object.fromEntries(shapes) };
};

/** Every `{"shape": name}` in a part of a model. */
const shapesIn = (part: unknown): readonly string[] => {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'shape' && typeof value === 'string' ? [value] : shapesIn(value),
  );
};
