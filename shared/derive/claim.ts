import type { NameOwner } from './name-owner.ts';

/** Where a port has its name from: what a run says of itself goes before all labels. */
export type NameFrom = 'template' | 'label' | 'override' | 'tag';

/** A name that a task is to bear, and what the task is called otherwise: their keys. */
export interface AskedName {
  readonly key: string;
  readonly from: NameFrom;
  readonly owner: NameOwner;
  /** The name that the template gives the task. */
  readonly plainKey: string;
}

/** Why a name is not to be borne. */
export interface ClaimFault {
  /** A sentence's end. */
  readonly why: string;
  /** Whose the name is, as `ownerText` has them; none where that is not known. */
  readonly owners: readonly string[];
}

/** What is known of others that claim names. */
export interface NameClaims {
  /** That somebody else has a better right to it, if so. */
  faultOf(asked: AskedName): ClaimFault | undefined;
  /** Why not all claims are known, if so: what is said is nobody's then. */
  readonly unknown?: unknown;
}
