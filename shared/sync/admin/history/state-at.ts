import type { OutcomeRecord, RecordState } from '../../../model/outcome-record.ts';
import type { RegistryName } from '../../../model/registration.ts';

/** A record as a registry holds it today. */
export interface HeldNow {
  readonly registry: RegistryName;
  readonly id: string;
  /** Others' records have a history that the log does not tell. */
  readonly isOurs: boolean;
  readonly state: RecordState;
}

/** What there was of one record. */
export interface RecordThen {
  readonly registry: RegistryName;
  readonly service: string;
  readonly id: string;
  /** Null: there was none. Undefined: not known, and `why`. */
  readonly state: RecordState | null | undefined;
  readonly why?: string;
}

export interface Evidence {
  readonly held: readonly HeldNow[];
  /** Registries that could not be read today. */
  readonly unread: ReadonlySet<RegistryName>;
  /** In any order; whatever the log gave. */
  readonly records: readonly OutcomeRecord[];
  /** The log was read whole from here until today, in milliseconds since the epoch. */
  readonly from: number;
}

/** Known, known to be nothing, or not known. */
type State = RecordState | null | undefined;

/** What one outcome says of one record, right before and right after it. */
interface Step {
  readonly time: number;
  readonly before: State;
  readonly after: State;
}

interface Track {
  readonly registry: RegistryName;
  readonly service: string;
  readonly id: string;
  readonly steps: Step[];
  held?: HeldNow;
}

const OTHERS = 'somebody else wrote it, and the log does not say when';
const LOG_ENDS = 'the log was not read, or does not reach, that far back';
const UNREAD = 'nobody read what was there, and the log holds no earlier outcome';
const SILENT = 'the registry cannot be read today';

/**
 * What was there at a time: today's records, with every outcome since then undone, the newest
 * first. Where the last outcome before that time is at hand, both must agree; where they do not,
 * somebody else has written. Pure. Sorted by registry and id.
 */
export const stateAt = (at: number, evidence: Evidence): readonly RecordThen[] =>
  [...tracksOf(evidence).values()]
    .map((track) => ({ ...nameOf(track), ...stateOf(track, at, evidence) }))
    .sort((a, b) => (`${a.registry} ${a.id}` < `${b.registry} ${b.id}` ? -1 : 1));

const nameOf = ({ registry, service, id }: Track) => ({ registry, service, id });

const tracksOf = ({ held, records }: Evidence): ReadonlyMap<string, Track> => {
  const tracks = new Map<string, Track>();
  const trackOf = (registry: RegistryName, service: string, id: string): Track => {
    const key = JSON.stringify([registry, service.toLowerCase(), id]);
    const track = tracks.get(key) ?? { registry, service, id, steps: [] };
    tracks.set(key, track);
    return track;
  };
  for (const one of held) trackOf(one.registry, one.state.service, one.id).held = one;
  const inOrder = records.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time));
  for (const record of inOrder) {
    const { registry, service, id, before } = record;
    const step = toStep(record);
    if (!step) continue;
    const isRenamed = before && before.service.toLowerCase() !== service.toLowerCase();
    if (isRenamed) {
      trackOf(registry, before.service, id).steps.push({ ...step, after: step.after && null });
      trackOf(registry, service, id).steps.push({ ...step, before: null });
    } else trackOf(registry, service, id).steps.push(step);
  }
  return tracks;
};

/** `undefined`: nothing came of it. */
const toStep = ({
  time,
  status,
  what,
  operation,
  before,
  after,
}: OutcomeRecord): Step | undefined => {
  const written = what === 'remove' ? null : after;
  const at = Date.parse(time);
  switch (status) {
    case 'done':
      return { time: at, before, after: written };
    case 'pending':
      return operation === undefined ? undefined : { time: at, before, after: written };
    case 'gone':
      return { time: at, before: null, after: null };
    case 'retry':
      // It may have arrived all the same.
      return { time: at, before, after: undefined };
    case 'refused':
      return undefined;
  }
};

type Found = Pick<RecordThen, 'state' | 'why'>;

const stateOf = ({ registry, steps, held }: Track, at: number, evidence: Evidence): Found => {
  const earlier = steps.findLast(({ time }) => time <= at);
  const later = steps.find(({ time }) => time > at);
  const isSilent = evidence.unread.has(registry);
  const today: State = held ? held.state : isSilent ? undefined : null;
  const next = later ? later.before : today;
  // Whatever was written later says it: the first write may have failed, and then says nothing.
  const startedLater = [
    held?.state,
    ...steps.filter(({ time }) => time > at).flatMap(({ before, after }) => [before, after]),
  ].some((state) => state?.started !== undefined && Date.parse(state.started) > at);
  if (!earlier && startedLater) return { state: null };
  if (!earlier && at < evidence.from) return { state: undefined, why: LOG_ENDS };
  if (!later && held && !held.isOurs) return { state: undefined, why: OTHERS };
  const last = earlier?.after;
  if (last === undefined && next === undefined)
    return { state: undefined, why: isSilent && !later ? SILENT : UNREAD };
  if (last === undefined) return { state: next };
  if (next === undefined) return { state: last };
  return isSame(last, next) ? { state: last } : { state: undefined, why: OTHERS };
};

/** By what a client is told. Health that only one of them tells is no difference. */
const isSame = (a: RecordState | null, b: RecordState | null): boolean => {
  if (!a || !b) return a === b;
  const differs = a.health !== undefined && b.health !== undefined && isUp(a) !== isUp(b);
  return a.address === b.address && a.port === b.port && !differs;
};

const isUp = ({ health }: RecordState) => health === 'healthy';
