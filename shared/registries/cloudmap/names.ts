import { createHash } from 'node:crypto';
import type { CloudMapConfig } from '../../config/config.ts';
import type { Identity, Ref } from '../../model/registration.ts';
import { withoutEnds } from '../../model/text.ts';

/** What a DNS label, and so one part of a service's name, holds at most. */
const MAX_LABEL = 63;
const MAX_NAME = 127;

/**
 * The name as Cloud Map can carry it (API model 2017-03-14): labels of letters, digits, `-` and
 * `_`, separated by dots, no `-` at their ends. `undefined` where nothing is left of it.
 */
export const toServiceName = (raw: string, most = MAX_LABEL): string | undefined => {
  const parts = raw.split('.');
  const fitted = parts.map((part) => toLabel(part, most));
  const labels = fitted.filter((label) => label !== '');
  const name = labels.join('.');
  if (name === '') return undefined;
  if (isCollapsed(parts, fitted) || isSrvName(name)) return withHash(labels.join('-'), most, raw);
  return name.length <= MAX_NAME - EXTRA ? name : cut(labels.join('-'), most);
};

/**
 * Where both kinds of records are wanted: `web` is joined by `_web._tcp`, as RFC 2782 and HAProxy
 * have it.
 */
export const toSrvName = (raw: string, protocol: string): string | undefined => {
  const name = toServiceName(raw, MAX_LABEL - 1);
  return name && `_${name}._${protocol}`;
};

/** The names for an identity; none where no character of its name is allowed. */
export const refsOf = (identity: Identity, dns: CloudMapConfig['dns']): readonly Ref[] => {
  const { id, service, cluster, protocol } = identity;
  const names = [toServiceName(service), dns === 'both' ? toSrvName(service, protocol) : undefined];
  return names.flatMap((name) => (name === undefined ? [] : [{ service: name, id, cluster }]));
};

/** DNS compares names without case. */
export const keyOf = ({ service, id }: Ref) => `${service.toLowerCase()}/${id}`;

export const isSrvName = (name: string) => /^_.+\._(tcp|udp)$/.test(name);

/** Room for `_` and `._tcp`, so that one cut fits both names. */
const EXTRA = '_._tcp'.length;

/**
 * What people write between words becomes `-`. Where anything else did, the label ends in a hash,
 * as one that is cut does: `svc-ä` and `svc-ö` stay two.
 */
const toLabel = (raw: string, most: number) => {
  const spaced = raw.replace(/[/: ]/g, '-');
  const mapped = spaced.replace(/[^A-Za-z0-9_-]/gu, '-');
  const label = withoutEnds(mapped, '-');
  if (label === '' || label === '_') return '';
  return mapped === spaced ? cut(label, most) : withHash(label, most, raw);
};

/**
 * Whether something went from between the labels, or a whole label: `_.web` and `web.ä` are not
 * `web`, to which somebody else may have the right. Dots and `-` at the ends make no other name.
 */
const isCollapsed = (parts: readonly string[], fitted: readonly string[]): boolean => {
  const first = fitted.findIndex((label) => label !== '');
  const last = fitted.findLastIndex((label) => label !== '');
  return parts.some((part, at) => {
    const isInside = at > first && at < last;
    if (fitted[at] === '') return part !== '' || isInside;
    return (at > first && /^[-/: ]/.test(part)) || (at < last && /[-/: ]$/.test(part));
  });
};

const cut = (label: string, most: number) =>
  label.length <= most ? label : withHash(label, most, label);

/** `whole`: what two names differ in that would else become one. */
const withHash = (label: string, most: number, whole: string) => {
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return `${label.slice(0, most - 9)}-${hash}`;
};
