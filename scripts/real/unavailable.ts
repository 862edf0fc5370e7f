/**
 * What this machine cannot give: suites that need it are left out and say so, or fail where it is
 * required.
 */
export interface Unavailable {
  readonly unavailable: string;
}

export const unavailable = (reason: string): Unavailable => ({ unavailable: reason });

export const isUnavailable = (value: unknown): value is Unavailable =>
  typeof value === 'object' && value !== null && 'unavailable' in value;
