import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODELS } from '../../scripts/real/models.ts';

/**
 * AWS's description of one API, as far as it is checked here. Field names are those of botocore's
 * service-2.json.
 */
export interface Model {
  readonly metadata: { readonly jsonVersion?: string };
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export interface Operation {
  readonly input?: Reference;
  readonly output?: Reference;
  readonly errors?: readonly Reference[];
}

export interface Reference {
  readonly shape: string;
  /** The name on the wire, where it is another one. */
  readonly locationName?: string;
}

export interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, Reference>>;
  readonly member?: Reference;
  readonly key?: Reference;
  readonly value?: Reference;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  /** Of a text or a list its length; of a number the number itself. */
  readonly min?: number;
  readonly max?: number;
  readonly union?: boolean;
  readonly fault?: boolean;
  readonly error?: { readonly httpStatusCode?: number };
}

/** Whether the models were fetched; `modelsFolder` in scripts/real does. */
export const hasModels = (): boolean => existsSync(MODELS);

const models = new Map<string, Model | undefined>();

/** The model of the API that the SDK names by this target. */
export const modelOf = (target: string): Model | undefined => {
  if (!models.has(target)) models.set(target, read(join(MODELS, `${target}.json`)));
  return models.get(target);
};

const read = (file: string): Model | undefined =>
  existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;

/** Throws where the model contradicts itself. */
export const shapeOf = (model: Model, { shape }: Reference): Shape => {
  const found = model.shapes[shape];
  if (!found) throw new Error(`the model has no shape ${shape}`);
  return found;
};
