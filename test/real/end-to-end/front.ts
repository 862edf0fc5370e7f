import { createGateway } from '../../../local/gateway.ts';
import { type Listening, listen } from '../../../local/listen.ts';
import type { RunningFunction } from '../../../scripts/real/ric.ts';

/** An HTTP API in front of the resolver, for clients that speak HTTP. */
export const openFront = ({ invoke }: RunningFunction): Promise<Listening> =>
  listen(createGateway(async (event) => Object(await invoke(event))));
