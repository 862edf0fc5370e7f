import { findRegion, isRegion, regionRefusal } from '../../shared/platform/aws/region.ts';
import type { CommandInput } from '../command.ts';
import { wrongUse } from '../exit.ts';
import { invoker } from './invoke.ts';
import { askResolver } from './resolver.ts';
import { standingStack } from './stack.ts';
import type { Place, Target } from './target.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The local run's, as `npm start` says them. */
const LOCAL = { stack: 'rollcall-local', region: 'eu-central-1', url: 'http://127.0.0.1:18082' };

/** The stack that the options name, found by its outputs. */
export const connect = async (input: CommandInput, env: Environment): Promise<Target> => {
  const place = await placeOf(input, env);
  const stack = await standingStack(nameOf(input), place);
  return {
    place,
    stack,
    invoke: invoker(stack, place),
    resolver: (path, signal) =>
      askResolver(path, { stack, place, client: input.value('client'), signal }),
  };
};

const nameOf = (input: CommandInput) => {
  const name = input.value('stack');
  if (name !== undefined && input.has('stage'))
    throw wrongUse('--stack: expected no --stage beside it');
  if (input.has('local')) return name ?? LOCAL.stack;
  return name ?? `rollcall-${input.value('stage') ?? 'dev'}`;
};

/** Where the clients are to ask; of the local run nothing of the caller's account is read. */
export const placeOf = async (input: CommandInput, env: Environment): Promise<Place> => {
  const given = input.value('endpoint-url');
  if (!input.has('local')) {
    if (given !== undefined) throw wrongUse('--endpoint-url: expected --local beside it');
    const profile = env['AWS_PROFILE'] || env['AWS_DEFAULT_PROFILE'];
    const region = await findRegion({ given: input.value('region'), env, profile });
    if (!isRegion(region)) throw wrongUse(regionRefusal(region).replaceAll('\n', ' '));
    return { region };
  }
  for (const name of ['region', 'stage'])
    if (input.has(name)) throw wrongUse(`--${name}: expected no --local beside it`);
  const endpoint = given ?? LOCAL.url;
  if (!URL.canParse(endpoint)) throw wrongUse(`--endpoint-url: expected a URL, got ${endpoint}`);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return { region: LOCAL.region, local: { endpoint, credentials } };
};
