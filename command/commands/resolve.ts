import { inUrl } from '../../shared/model/address.ts';
import type { Run } from '../command.ts';
import { bodyOf, problemIn } from '../target/answered.ts';

interface ResolvedInstance {
  readonly id: string;
  readonly service: string;
  readonly address: string;
  readonly port: number;
  readonly healthy: boolean;
  readonly zone?: string;
}

/** What the resolver says of a service that is not there, or has nothing to offer. */
const NONE: ReadonlySet<number> = new Set([404, 503]);

export const run: Run = async ({ args: [name = ''], value }, { connect, io }) => {
  const target = await connect();
  const zone = value('zone');
  const query = zone === undefined ? '' : `?zone=${encodeURIComponent(zone)}`;
  const response = await target.resolver(`/resolve/${encodeURIComponent(name)}${query}`, io.signal);
  if (NONE.has(response.status)) {
    const reason = await problemIn(response);
    return {
      blocks: [[`${name}: ${reason}`, `why: rollcall explain ${name}`]],
      json: { service: name, reason },
      found: true,
    };
  }
  const found = await bodyOf<ResolvedInstance>(response);
  const { address, port } = found;
  return { blocks: [[`${inUrl(address)}:${port}`]], json: found };
};
