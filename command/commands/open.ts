import { makeTicket } from '../../shared/resolver/page/ticket.ts';
import type { Run } from '../command.ts';
import { wrongUse } from '../exit.ts';
import { resolverToken, resolverUrl, takesSigned } from '../target/resolver.ts';

export const run: Run = async (input, { connect, io }) => {
  const { stack, place } = await connect();
  if (takesSigned(stack))
    throw wrongUse(
      `the resolver of ${stack.name} takes signed requests only (resolveAccess=iam), which no browser sends`,
    );
  const token = await resolverToken({ stack, place, client: input.value('client') });
  const page = `${resolverUrl(stack)}/`;
  // In the fragment: no server, no proxy and no log sees it.
  const url = token === undefined ? page : `${page}#ticket=${makeTicket(token, io.now())}`;
  const isShown = input.has('print') || input.has('json') || !(await io.browse(url));
  return {
    blocks: [[isShown ? url : `opened ${page}`]],
    json: { url },
  };
};
