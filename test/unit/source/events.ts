import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../fixtures/events/', import.meta.url);

export const EVENTS = readdirSync(FOLDER).map((file) => file.replace('.json', ''));

export const textOf = (name: string) => readFileSync(new URL(`${name}.json`, FOLDER), 'utf8');

type Members = Record<string, unknown>;

/** A recorded event with members of its detail replaced; `undefined` leaves one out. */
export const eventWith = (name: string, detail: Members, envelope: Members = {}): string => {
  const event = JSON.parse(textOf(name)) as Members & { detail: Members };
  return JSON.stringify({ ...event, ...envelope, detail: { ...event.detail, ...detail } });
};
