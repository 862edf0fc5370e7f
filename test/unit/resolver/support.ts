import { gunzipSync } from 'node:zlib';
import type { Secret } from '../../../shared/config/secret.ts';
import type { Target } from '../../../shared/model/registration.ts';
import type { Directory } from '../../../shared/registries/registry.ts';
import { toRequest } from '../../../shared/resolver/http/message.ts';
import {
  createResolver,
  type Resolver,
  type ResolverSettings,
} from '../../../shared/resolver/resolver.ts';

export const target = (overrides: Partial<Target> = {}): Target => ({
  id: 'a',
  service: 'web',
  address: '10.0.0.1',
  port: 8080,
  protocol: 'tcp',
  healthy: true,
  zone: 'eu-central-1a',
  weight: 1,
  tags: [],
  metadata: {},
  ...overrides,
});

/** A registry in memory that counts what is asked of it. */
export const directoryOf = (content: Record<string, readonly Target[]>) => {
  const state = {
    content,
    /** Set: every read fails with it. */
    failure: undefined as Error | undefined,
    /** Set: every read waits for it first. */
    gate: undefined as Promise<void> | undefined,
    reads: [] as string[],
  };
  const read = async <T>(what: string, answer: () => T): Promise<T> => {
    state.reads.push(what);
    const { failure } = state;
    await state.gate;
    if (failure) throw failure;
    return answer();
  };
  const directory: Directory = {
    name: 'consul',
    instances: (service) =>
      read(service, () =>
        Object.hasOwn(state.content, service) ? state.content[service] : undefined,
      ),
    everything: () =>
      read('everything', () =>
        Object.entries(state.content).map(([name, targets]) => ({ name, targets })),
      ),
  };
  /** The same, where everything costs no more than one service. */
  const whole: Directory = {
    ...directory,
    names: { keyOf: (name) => name, keysOf: ({ service }) => [service] },
  };
  return { state, directory, whole };
};

export const fakeClock = () => {
  let time = 1_700_000_000_000;
  return {
    now: () => time,
    advance: (seconds: number) => {
      time += seconds * 1000;
    },
  };
};

export const secret = (text: string, refresh: Secret['refresh'] = async () => false): Secret => ({
  reveal: () => text,
  refresh,
});

export const resolverOver = (
  directory: Directory,
  {
    config,
    ...rest
  }: Partial<Omit<ResolverSettings, 'config'>> & {
    config?: Partial<ResolverSettings['config']>;
  } = {},
): Resolver =>
  createResolver({
    directory,
    config: {
      from: 'consul',
      addresses: {},
      access: 'open',
      ttl: 5,
      corsOrigins: [],
      wait: 20,
      held: 100,
      ...config,
    },
    ...rest,
  });

/** `ask(resolver, 'GET /services')`. */
export const ask = (resolver: Resolver, line: string, headers: Record<string, string> = {}) => {
  const space = line.indexOf(' ');
  return answerOf(
    resolver(toRequest({ method: line.slice(0, space), target: line.slice(space + 1), headers })),
  );
};

/** The answer with its body as a text, as a client reads it. */
export const answerOf = async (response: ReturnType<Resolver>) => {
  const { body, ...rest } = await response;
  const isCompressed = rest.headers['content-encoding'] === 'gzip';
  return { ...rest, body: String(isCompressed ? gunzipSync(body) : body) };
};

export const over = (content: Record<string, readonly Target[]>) =>
  resolverOver(directoryOf(content).directory);
