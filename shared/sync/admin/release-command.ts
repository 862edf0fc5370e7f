import { optionsFor } from '../../platform/admin.ts';
import type { ReconcileContext } from '../context.ts';

/** What lets a withheld plan through, as it is typed. */
export const releaseCommand = (plan: string, { admin }: Pick<ReconcileContext, 'admin'>): string =>
  ['rollcall release', plan, ...optionsFor(admin)].join(' ');
