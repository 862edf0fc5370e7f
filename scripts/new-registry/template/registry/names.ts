import type { Identity, Ref } from '../../model/registration.ts';

/**
 * The name as Acme can carry it. To do: map what it refuses, cut what is too long, with a hash that
 * tells cut names apart.
 */
export const toServiceName = (service: string): string => service.toWellFormed();

export const refsOf = ({ id, service, cluster }: Identity): readonly Ref[] => [
  { id, service: toServiceName(service), cluster },
];

/**
 * Two refs with one key are one record. To do: the case, if the server compares names without it.
 */
export const keyOf = ({ service, id }: Pick<Ref, 'service' | 'id'>): string => `${service}/${id}`;

/** To do: a path that reaches this record and no other, whatever the name. */
export const recordPath = ({ service, id }: Pick<Ref, 'service' | 'id'>): string =>
  `/records/${encodeURIComponent(service)}/${encodeURIComponent(id.toWellFormed())}`;
