import { type Html, html } from './html.ts';
import type { Deployment } from './page-data.ts';

/** Which installation a page is of, taken from what the deployment says of itself. */
export interface Installation {
  /** Other stages look different from production. */
  readonly stage: string;
  readonly isProduction: boolean;
  /** Stack, account, region, version: what is known of them. */
  readonly parts: readonly string[];
  readonly region: string | undefined;
}

/** The owner that the stack gives itself; one that somebody chose is shown as it is. */
const OWNER = /^([^:]+):(\d{12}):([a-z]{2}[a-z0-9-]+)$/;
const PRODUCTION = /^(prod|production|prd|live)$/i;

export const installationOf = (deployment: Deployment): Installation => {
  const { owner, stage = '', version } = deployment;
  const [, stack, account, ownRegion] = OWNER.exec(owner) ?? [];
  const region = ownRegion ?? deployment.region;
  const parts = [
    stack ?? owner,
    // In groups of four, as AWS's console shows it.
    account?.replace(/(\d{4})(?=\d)/g, '$1-'),
    region,
    version && `v${version}`,
  ];
  return {
    stage,
    isProduction: PRODUCTION.test(stage),
    parts: parts.filter((part) => part !== undefined).filter((part) => part !== ''),
    region,
  };
};

/** `web · prod · rollcall-prod · … · Rollcall`: what is shown first, for narrow tabs. */
export const titleWith = ({ stage, parts }: Installation, first: readonly string[]): string =>
  [...first, stage, ...parts, 'Rollcall'].filter(Boolean).join(' · ');

export const renderInstallation = ({ stage, parts }: Installation): Html =>
  html`<p class="who">${stage !== '' && html`<b class="stage">${stage}</b> `}${parts.map((part) => html`<span>${part}</span> `)}</p>`;
