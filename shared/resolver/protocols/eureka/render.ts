import crypto from 'node:crypto';
import { jsonList, type Pieces } from '../../http/render.ts';
import type { AppInstance, Applications } from './applications.ts';
import { hashCode, statusOf, toInstanceEntry } from './entries.ts';
import { toXml } from './xml.ts';

/** Eureka's answers in one of its two formats, in pieces: a list of all can be large. */
export interface Format {
  readonly type: string;
  readonly applications: (applications: Applications) => Pieces;
  readonly application: (name: string, instances: readonly AppInstance[]) => Pieces;
  readonly instance: (instance: AppInstance) => Pieces;
}

function* jsonApplication(name: string, instances: readonly AppInstance[]): Pieces {
  yield `{"name":${JSON.stringify(name)},"instance":`;
  yield* jsonList(instances, toInstanceEntry);
  yield '}';
}

/** In JSON the body is an object with one key. */
export const JSON_FORMAT: Format = {
  type: 'application/json',
  *applications(applications) {
    const fields = JSON.stringify(yield* fieldsOf(applications));
    yield `{"applications":${fields.slice(0, -1)},"application":[`;
    let separator = '';
    for (const [name, instances] of applications) {
      yield separator;
      yield* jsonApplication(name, instances);
      separator = ',';
    }
    yield ']}}';
  },
  *application(name, instances) {
    yield '{"application":';
    yield* jsonApplication(name, instances);
    yield '}';
  },
  instance: (instance) => [JSON.stringify({ instance: toInstanceEntry(instance) })],
};

function* xmlApplication(name: string, instances: readonly AppInstance[]): Pieces {
  yield `<application>${toXml({ name })}`;
  for (const instance of instances) yield toXml({ instance: toInstanceEntry(instance) });
  yield '</application>';
}

/** In XML the body is the element of that name. */
export const XML_FORMAT: Format = {
  type: 'application/xml',
  *applications(applications) {
    yield `<applications>${toXml(yield* fieldsOf(applications))}`;
    for (const [name, instances] of applications) yield* xmlApplication(name, instances);
    yield '</applications>';
  },
  application: xmlApplication,
  instance: (instance) => [toXml({ instance: toInstanceEntry(instance) })],
};

/**
 * What stands before the applications. Each instance is a step that yields nothing.
 *
 * Clients compare the hash code with that of what they then hold. It counts statuses alone, so that
 * one instance may be replaced by another under the same hash code: py_eureka_client looks at a
 * delta only where one of the two is new, so the version is another for whatever is another.
 */
function* fieldsOf(applications: Applications) {
  const statuses: { readonly status: string }[] = [];
  const content = crypto.createHash('sha256');
  for (const instances of applications.values())
    for (const { id, target } of instances) {
      statuses.push({ status: statusOf(target) });
      content.update(JSON.stringify([id, target]));
      yield '';
    }
  // A long in Java, and a number that JavaScript holds.
  const version = content.digest().readUIntBE(0, VERSION_BYTES);
  return { versions__delta: String(version), apps__hashcode: hashCode(statuses) };
}

const VERSION_BYTES = 6;
