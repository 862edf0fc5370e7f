import { REGISTRY_NAMES, type RegistryName } from '../../model/registration.ts';
import { type Html, html } from './html.ts';

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

/** No unit below minutes: so the page stays the same for a minute, and is not sent again. */
export const toAge = (milliseconds: number): string => {
  const unit = UNITS.find(([length]) => milliseconds >= length);
  return unit ? `${Math.floor(milliseconds / unit[0])} ${unit[1]}` : 'under 1 min';
};

/** Both in milliseconds since the epoch. */
export const age = (since: number, now: number): Html => {
  const iso = new Date(since).toISOString();
  return html`<time datetime="${iso}" title="${iso}">${toAge(now - since)}</time>`;
};

export const number = (many: number): string => many.toLocaleString('en-US');

export const count = (many: number, one: string): string =>
  `${number(many)} ${one}${many === 1 ? '' : 's'}`;

/** `a`, `a and b`, `a, b and c`; of more than `most` the rest as a number. */
export const listed = (texts: readonly string[], most = 4): string => {
  const shown = texts.slice(0, most);
  const rest = texts.length - shown.length;
  const all = rest > 0 ? [...shown, `${rest} more`] : shown;
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
};

/** Of those whose name is not the registry's own in lower case. */
const TITLES: Partial<Record<string, string>> = { cloudmap: 'Cloud Map' };

/** The registry's name as people write it. */
export const titleOf = (name: string): string =>
  TITLES[name] ?? name.slice(0, 1).toUpperCase() + name.slice(1);

/** What stands for the registry in a narrow column: the beginning of its name's last word. */
export const letterOf = (name: RegistryName): string => {
  const word = (one: string) => titleOf(one).split(' ').at(-1) ?? one;
  const shared = REGISTRY_NAMES.filter((one) => word(one).startsWith(word(name).slice(0, 1)));
  return word(name).slice(0, shared.length > 1 ? 2 : 1);
};

/** Such as `a` of `eu-central-1a`, where its region is the page's. */
export const shortZone = (zone: string, region: string | undefined): string =>
  region && zone.startsWith(region) && zone.length > region.length
    ? zone.slice(region.length)
    : zone;
