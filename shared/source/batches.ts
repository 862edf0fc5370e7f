import { idOf } from '../model/arn.ts';
import { chunks, mapBounded } from '../platform/concurrency.ts';
import { isOfCluster, type Kind } from './arn.ts';

/** An ARN of which ECS can say nothing: why, in words. */
export interface Refused<A = string> {
  readonly arn: A;
  readonly fault: string;
}

interface Answers<T, A> {
  readonly answers: readonly T[];
  readonly refused: readonly Refused<A>[];
}

interface About {
  /** The cluster's ARN. */
  readonly cluster: string;
  readonly kind: Kind;
  /** Calls at once. */
  readonly width: number;
}

/** ECS's limit for one Describe call. */
const BATCH = 100;
/** ECS refuses a whole call for one id of another length. */
const ID_LENGTHS: readonly number[] = [32, 36];
/**
 * Seven ARNs, each found by halving, come to no more; above it is ECS that is wrong, and its rates
 * are everybody's.
 */
const MOST_REFUSALS = 50;

/**
 * Asks about ARNs of one cluster. They come from registries, queues and events, and ECS refuses a
 * whole call for one that is wrong: what cannot be of the cluster is not asked for at all. Any
 * failure but a refusal fails the whole.
 */
export const askInBatches = async <T, A extends string>(
  arns: readonly A[],
  { cluster, kind, width }: About,
  ask: (batch: string[]) => Promise<T>,
): Promise<Answers<T, A>> => {
  const isAsked = (arn: string) =>
    isOfCluster(cluster, kind, arn) && ID_LENGTHS.includes(idOf(arn).length);
  const strangers = arns
    .filter((arn) => !isAsked(arn))
    .map((arn) => ({ arn, fault: `expected the ARN of a ${kind} of ${cluster}` }));
  const { answers, refused } = await askSplitting(arns.filter(isAsked), { width }, ask);
  return { answers, refused: [...strangers, ...refused] };
};

interface Splitting {
  /** Calls at once. */
  readonly width: number;
  /** Whether the service finds fault with what it was asked. Default: as ECS does. */
  readonly isRefused?: (error: unknown) => error is Error;
  /** Refused calls of one batch, after which it fails as a whole. */
  readonly most?: number;
}

/** Asks in batches; one that is refused is split until what is wrong stands alone. */
export const askSplitting = async <T, A extends string>(
  arns: readonly A[],
  { width, isRefused = isRefusal, most = MOST_REFUSALS }: Splitting,
  ask: (batch: string[]) => Promise<T>,
): Promise<Answers<T, A>> => {
  const parts = await mapBounded(chunks(arns, BATCH), width, (batch) =>
    split(batch, ask, { isRefused, refusals: most }),
  );
  return {
    answers: parts.flatMap(({ answers }) => answers),
    refused: parts.flatMap(({ refused }) => refused),
  };
};

const split = async <T, A extends string>(
  batch: A[],
  ask: (batch: string[]) => Promise<T>,
  left: { readonly isRefused: (error: unknown) => error is Error; refusals: number },
): Promise<Answers<T, A>> => {
  try {
    return { answers: [await ask(batch)], refused: [] };
  } catch (error) {
    if (!left.isRefused(error) || left.refusals-- <= 0) throw error;
    const [arn] = batch;
    if (arn !== undefined && batch.length === 1)
      return { answers: [], refused: [{ arn, fault: `ECS refuses it: ${error.message}` }] };
    const middle = batch.length >> 1;
    const first = await split(batch.slice(0, middle), ask, left);
    const second = await split(batch.slice(middle), ask, left);
    return {
      answers: [...first.answers, ...second.answers],
      refused: [...first.refused, ...second.refused],
    };
  }
};

/** ECS finds fault with what it was asked: the same call fails again. */
export const isRefusal = (error: unknown): error is Error =>
  error instanceof Error &&
  (error.name === 'InvalidParameterException' || error.name === 'ClientException');
