import type { WithholdTarget } from '../../../../shared/resolver/lookup/withhold.ts';
import type { PageData } from '../../../../shared/resolver/page/page-data.ts';
import { parsePageQuery } from '../../../../shared/resolver/page/query.ts';
import { renderPage } from '../../../../shared/resolver/page/render.ts';
import { DEPLOYMENT, NOW, round, shopContents } from '../../../support/page-scene.ts';

export interface ViewOptions extends Partial<PageData> {
  readonly query?: string;
  readonly now?: number;
  readonly signedIn?: boolean;
  readonly withhold?: WithholdTarget;
}

/** What the page answers for the shop, or for what is given instead. */
export const page = ({
  query = '',
  now = NOW,
  signedIn = false,
  withhold = () => undefined,
  ...overrides
}: ViewOptions = {}) => {
  const { body: sent, ...rest } = renderPage({
    data: { registries: shopContents(), round: round(), deployment: DEPLOYMENT, ...overrides },
    query: parsePageQuery(new URLSearchParams(query)),
    now,
    signedIn,
    withhold,
  });
  const body = String(sent);
  return { ...rest, body, text: textOf(body), rows: rowsOf(body) };
};

/** Without tags, for what people read, be it by eye or by ear. */
const textOf = (html: string) =>
  html
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** The text of each row of the first table, headings left out. */
const rowsOf = (body: string): readonly string[] =>
  [
    ...body.matchAll(
      /<tr(?: role="row")?>(?=<t[hd](?: role="cell")?>)([\s\S]*?)(?=<tr|<\/tbody>)/g,
    ),
  ].map(([, row = '']) => textOf(row));
