import type { RegistryName } from '../../model/registration.ts';
import { letterOf, listed, titleOf } from './format.ts';
import { type Html, html } from './html.ts';
import type { Presence, PresenceState } from './presence.ts';
import type { RegistryFacts } from './troubles.ts';

/**
 * The narrow column that says which registry holds something: a letter for each, with a sign where
 * not all is well (the style adds it). For those who cannot see them the column's heading gives the
 * letters' names, and each row names what is out of the ordinary. What is hidden from sight stands
 * in `<u>`, HTML's element for annotations without words: of 300 rows each byte counts.
 */

type Sign = 'held' | 'no' | 'un' | 'so' | 'not';

const LETTER: Readonly<Record<Sign, (letter: string) => string>> = {
  held: (letter) => letter,
  no: (letter) => `<b class=no>${letter}</b>`,
  un: (letter) => `<b class=u>${letter}</b>`,
  so: (letter) => `<b class=so>${letter}</b>`,
  not: () => '·',
};

const letters = (parts: readonly (readonly [RegistryName, Sign, string])[]): Html => {
  const shown = parts.map(([registry, sign]) => LETTER[sign](letterOf(registry))).join(' ');
  const told = parts.filter(([, sign]) => sign !== 'held').map(([, , words]) => words);
  return html`${{ html: shown }}<u>${told.join('; ') || 'in all'}</u>`;
};

/** How the registries stand to a whole service. */
export const serviceLetters = (registries: readonly RegistryFacts[]): Html =>
  letters(
    registries.map((one) => {
      const [sign, words] = stateOf(one);
      return [one.registry, sign, `${titleOf(one.registry)} ${words}`];
    }),
  );

const stateOf = ({
  unknown,
  held,
  missing,
  elsewhere,
  coming,
}: RegistryFacts): readonly [Sign, string] => {
  if (unknown) return ['un', 'unknown'];
  if (missing + elsewhere > 0) return ['no', missing > 0 ? `lacks ${missing}` : 'differs'];
  if (coming > 0) return ['so', `not yet ${coming}`];
  return held > 0 ? ['held', ''] : ['not', 'not there'];
};

const SIGNS: Readonly<Record<PresenceState, readonly [Sign, string]>> = {
  held: ['held', ''],
  missing: ['no', 'missing'],
  soon: ['so', 'not yet'],
  waits: ['so', 'waits for health'],
  unknown: ['un', 'unknown'],
  gone: ['not', 'not there'],
  foreign: ['not', 'not there'],
};

/** Where one instance stands. What is out of the ordinary is spelled out. */
export const instanceLetters = (presences: readonly Presence[]): Html => {
  const parts = presences.map((presence) => {
    const differs = presence.state === 'held' ? presence.differs : undefined;
    const [sign, words] = differs === undefined ? SIGNS[presence.state] : ['no' as const, differs];
    return [presence.registry, sign, `${titleOf(presence.registry)} ${words}`] as const;
  });
  const told = parts.filter(([, sign]) => sign !== 'held' && sign !== 'not');
  return html`${letters(parts)}${told.length > 0 && html`<small aria-hidden="true">${listed(told.map(([, , words]) => words))}</small>`}`;
};

export const renderLegend = (names: readonly RegistryName[]): Html =>
  html`<p class="legend">${names.map((name) => html`<span><b>${letterOf(name)}</b> ${titleOf(name)}</span> `)}<span><b class="no">X</b> lacks it, or differs</span> <span><b class="u">X</b> unknown</span> <span><b class="so">X</b> not yet there</span> <span><b>·</b> not there, nor expected</span></p>`;
