import type { Instance, Registration } from '../../model/registration.ts';
import { withEurekaFacts } from '../eureka-metadata.ts';
import type { Fitted } from '../registry.ts';
import { toDo, type WireRecord } from './client.ts';
import { refsOf } from './names.ts';

/**
 * The records for an instance, as `list` will give them back once they are written: what Acme
 * cannot carry is mapped or left out here, with a note, and what it adds of its own is added. To
 * do: its limits of keys, values and numbers.
 */
export const fitInstance = (instance: Instance): Fitted => {
  const { address, port, protocol, health } = instance;
  const tags = [...new Set(instance.tags)].sort();
  const records = refsOf(instance).map((ref): Registration => {
    const metadata = withEurekaFacts(instance);
    return { ...ref, address, port, protocol, health, tags, metadata, detail: {} };
  });
  const renamed = records.filter(({ service }) => service !== instance.service);
  return {
    records,
    notes: renamed.map(
      ({ service }) => `${JSON.stringify(instance.service)} is called ${service} here`,
    ),
  };
};

/** What is sent for a record, all of it: nothing of an earlier one may stay. */
export const fromRecord = (_record: Registration): WireRecord => toDo('record.ts: fromRecord');

/** What the server holds, whoever wrote it, in the form that `fitInstance` gives. */
export const toRecord = (_record: WireRecord): Registration => toDo('record.ts: toRecord');
