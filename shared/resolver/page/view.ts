import type { ServiceFacts } from './facts.ts';
import type { Installation } from './installation.ts';
import type { PageData, RegistryContents } from './page-data.ts';
import type { PageQuery } from './query.ts';

/** What the parts of the page are rendered from. */
export interface View {
  readonly data: PageData;
  readonly installation: Installation;
  /** Every service, whatever is asked for. */
  readonly all: readonly ServiceFacts[];
  /** Those that cannot be read now: what they hold is old or unknown. */
  readonly unread: readonly RegistryContents[];
  readonly query: PageQuery;
  /** Milliseconds since the epoch. */
  readonly now: number;
}
