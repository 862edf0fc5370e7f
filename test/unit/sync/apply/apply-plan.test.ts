import { describe, expect, it } from 'vitest';
import { type Change, refOf } from '../../../../shared/model/plan.ts';
import { toSlices } from '../../../../shared/sync/apply/apply-plan.ts';
import { recordOf } from '../fakes.ts';

const upsert = (id: string, service: string): Change => ({
  kind: 'upsert',
  record: recordOf(id, { service }),
  reason: 'test',
});
const remove = (id: string, service: string): Change => ({
  kind: 'remove',
  ref: recordOf(id, { service }),
  reason: 'test',
});
const many = (count: number, service: string) =>
  Array.from({ length: count }, (_, at) => upsert(`${service}${at}`, service));

describe('slices of a plan', () => {
  it('hold each change once', () => {
    const changes = [...many(90, 'a'), ...many(90, 'b'), ...many(250, 'c'), ...many(3, 'd')];
    const ids = toSlices(changes).flatMap((slice) => slice.map((change) => refOf(change).id));
    expect(ids.toSorted()).toEqual(changes.map((change) => refOf(change).id).toSorted());
  });

  it('part no service, and no more than a hundred changes of several', () => {
    const slices = toSlices([
      ...many(90, 'a'),
      ...many(90, 'b'),
      ...many(250, 'c'),
      ...many(3, 'B'),
    ]);
    const services = slices.map((slice) => [
      ...new Set(slice.map((change) => refOf(change).service)),
    ]);
    expect(services).toEqual([['a'], ['b', 'B'], ['c']]);
  });

  it('begin with what takes something out, additions of the service before it', () => {
    const slices = toSlices([...many(100, 'a'), upsert('new', 'b'), remove('old', 'b')]);
    expect(slices[0]?.map(({ kind }) => kind)).toEqual(['upsert', 'remove']);
  });
});
