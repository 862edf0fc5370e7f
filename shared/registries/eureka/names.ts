import type { Identity, Ref } from '../../model/registration.ts';

/**
 * What a path cannot carry even when it is escaped: Tomcat refuses slashes, Spring Security semicolons, percent signs
 * and control characters. A comma would make two VIP addresses of one.
 */
const UNSAFE = /[/\\;%,\p{Cc}]/gu;

/** The name as Eureka can carry it, in its own case: for the VIP address. Names of dots only would climb the path. */
export const toVipName = (service: string) =>
  /^\.{1,2}$/.test(service) ? '-'.repeat(service.length) : service.toWellFormed().replace(UNSAFE, '-');

/** The application's name. Servers make it capitals whatever is sent, so it is that from the start. */
export const toServiceName = (service: string) => toVipName(service).toUpperCase();

export const refsOf = ({ id, service, cluster }: Identity): readonly Ref[] => [
  { id, service: toServiceName(service), cluster },
];

/** Servers compare applications in capitals, ids as they are. */
export const keyOf = ({ service, id }: Pick<Ref, 'service' | 'id'>) => `${toServiceName(service)}/${id}`;

/** Whether an id can stand in a path at all. Ours can; what strangers registered with a slash no request can reach. */
export const isReachable = ({ id }: Pick<Ref, 'id'>) => !/[/\\\p{Cc}]|^\.{0,2}$/u.test(id);

export const appPath = (service: string) => `/apps/${encodeURIComponent(toServiceName(service))}`;

export const instancePath = ({ service, id }: Pick<Ref, 'service' | 'id'>) =>
  `${appPath(service)}/${encodeURIComponent(id)}`;
