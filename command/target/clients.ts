import { notAnswered } from '../exit.ts';
import type { Place } from './target.ts';

/** What each AWS client is made with. Milliseconds. */
export const clientOptions = ({ region, local }: Place, requestTimeout = 10_000) => ({
  region,
  requestHandler: { connectionTimeout: 3_000, requestTimeout, throwOnRequestTimeout: true },
  ...local,
});

/** A local run that does not run is the commonest reason why nothing answers there. */
export const localHint = (place: Place, error: unknown): unknown =>
  place.local && /ECONNREFUSED/.test(`${Object(error).code} ${error}`)
    ? notAnswered(
        `nothing answers at ${place.local.endpoint}: start the local run (npm start), or say by --endpoint-url where its AWS is`,
      )
    : error;
