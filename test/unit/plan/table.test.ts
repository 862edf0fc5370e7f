import { describe, expect, it } from 'vitest';
import { planTable, table } from '../../../shared/plan/table.ts';
import { CLUSTER, planOf, record, records } from './builders.ts';

describe('a table', () => {
  it('aligns every column but the last', () => {
    const rows = [
      ['id', 'name', 'why'],
      ['1', 'web', 'since it is new'],
      ['1234', 'x', ''],
    ];
    expect(table(rows)).toEqual(['id    name  why', '1     web   since it is new', '1234  x']);
  });

  it('of no rows is empty', () => {
    expect(table([])).toEqual([]);
  });

  it('spells out what cannot be seen, so that no name can forge a line, move the cursor or turn what follows', () => {
    const rows = [
      ['a\nb', 'c\u001b[2Kd', 'e\u202ef'],
      ['x', 'y', 'z'],
    ];
    expect(table(rows)).toEqual(['a\\u{a}b  c\\u{1b}[2Kd  e\\u{202e}f', 'x        y            z']);
  });
});

describe('a plan as people read it', () => {
  it('shows additions, changes, removals, what waits and what is unchanged', () => {
    const plan = planOf({
      desired: [
        record({ id: 'a' }),
        record({ id: 'b', port: 9 }),
        record({ id: 'c', health: 'unhealthy' }),
        record({ id: 'd', health: 'starting' }),
        record({ id: 'e' }),
      ],
      held: [record({ id: 'b' }), record({ id: 'c' }), record({ id: 'e' }), record({ id: 'f' })],
      waitsForHealth: true,
    });
    expect(planTable(CLUSTER, [plan])).toEqual([
      CLUSTER,
      '   registry  service  id  address        why',
      '+  consul    web      a   10.0.0.1:8080  not registered yet',
      '~  consul    web      b   10.0.0.1:9     port changed',
      '~  consul    web      c   10.0.0.1:8080  health healthy → unhealthy',
      '-  consul    web      f   10.0.0.1:8080  ECS does not know the task any more',
      '.  consul    web      d   10.0.0.1:8080  waits for its first healthy answer',
      'unchanged: consul 1',
    ]);
  });

  it('says what is withheld and what the policy does not make', () => {
    expect(planTable(CLUSTER, [planOf({ held: records(11) })]).join()).toContain(
      'ECS does not know the task any more (withheld: above the delete limit)',
    );
    expect(
      planTable(CLUSTER, [planOf({ desired: [record()], policy: 'observe' })]).join(),
    ).toContain('not registered yet (not made under this policy)');
  });

  it('does not blame the policy for a conflict with another owner', () => {
    const text = planTable(CLUSTER, [
      planOf({ desired: [record()], held: [record({ owner: 'other' })] }),
    ]).join();
    expect(text).toContain('a record of this name and id belongs to another owner');
    expect(text).not.toContain('under this policy');
  });

  it('says why nothing is removed, on one line whatever the registry wrote', () => {
    const unknown = 'restarted\n\u001b[31mjust now';
    expect(planTable(CLUSTER, [planOf({ unknown })])).toEqual([
      CLUSTER,
      'unchanged: consul 0',
      `consul: nothing is removed, since ${unknown}`,
    ]);
  });

  it('of no registry says so', () => {
    expect(planTable(CLUSTER, [])).toEqual([CLUSTER, 'unchanged: none']);
  });
});
