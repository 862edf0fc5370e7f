import type { Skip } from '../../shared/model/plan.ts';
import { skipText } from '../../shared/model/plan.ts';
import { ask } from '../ask.ts';
import type { Run } from '../command.ts';

interface SidePlace {
  readonly service: string;
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
}

interface ParityJson {
  readonly profile: string;
  readonly counts: Readonly<Record<'missing' | 'different' | 'added' | 'same' | 'other', number>>;
  readonly rows: readonly {
    readonly kind: string;
    readonly held?: SidePlace;
    readonly desired?: SidePlace;
    readonly differs?: readonly { readonly field: string }[];
  }[];
  readonly skips: readonly Skip[];
  readonly unread: readonly string[];
}

export const run: Run = async ({ value }, tools) => {
  const { cluster, service } = { cluster: value('cluster'), service: value('service') };
  const json = await ask<ParityJson>('inspect', { command: 'parity', cluster, service }, tools);
  const { counts, rows, skips, unread, profile } = json;
  const said = Object.entries(counts).map(([kind, number]) => `${number} ${kind}`);
  // A container without ports is nothing to Registrator either.
  const telling = counts.missing > 0 ? skips.filter(({ code }) => code !== 'no-ports') : [];
  const head = ['', 'service', 'in Consul', 'by Rollcall', 'differs, or id in Consul'];
  return {
    blocks: [
      [`${said.join(', ')} (profile ${profile})`],
      { head, rows: rows.map(toCells) },
      [...telling.map(skipText), ...unread],
    ],
    json,
    found: counts.missing + counts.different + unread.length > 0,
  };
};

const toCells = ({ kind, held, desired, differs }: ParityJson['rows'][number]) => [
  kind,
  (held ?? desired)?.service ?? '',
  placeOf(held),
  placeOf(desired),
  differs
    ? differs
        .map(({ field }) => (field === 'name' ? `name (${desired?.service})` : field))
        .join(', ')
    : (held?.id ?? ''),
];

const placeOf = (side: SidePlace | undefined) =>
  side ? `${side.address}:${side.port}/${side.protocol}` : '-';
