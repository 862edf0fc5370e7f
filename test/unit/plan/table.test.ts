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
    expect(table(rows)).toBe('id    name  why\n1     web   since it is new\n1234  x');
  });

  it('of no rows is empty', () => {
    expect(table([])).toBe('');
  });

  it('shows control characters as question marks, so that no name can forge a line or move the cursor', () => {
    expect(table([['a\nb', 'c\u001b[2Kd', 'e\r\t\u0085f']])).toBe('a?b  c?[2Kd  e???f');
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
    expect(planTable(CLUSTER, [plan]).split('\n')).toEqual([
      CLUSTER,
      '   registry  service  id  address        why',
      '+  consul    web      a   10.0.0.1:8080  absent so far',
      '~  consul    web      b   10.0.0.1:9     port changed',
      '~  consul    web      c   10.0.0.1:8080  health healthy → unhealthy',
      '-  consul    web      f   10.0.0.1:8080  ECS does not know the task any more',
      '.  consul    web      d   10.0.0.1:8080  waits for its first healthy answer',
      'unchanged: consul 1',
    ]);
  });

  it('says what is withheld and what the policy does not make', () => {
    expect(planTable(CLUSTER, [planOf({ held: records(11) })])).toContain(
      'ECS does not know the task any more (withheld: above the delete limit)',
    );
    expect(planTable(CLUSTER, [planOf({ desired: [record()], policy: 'observe' })])).toContain(
      'absent so far (not made under this policy)',
    );
  });

  it('does not blame the policy for a conflict with another owner', () => {
    const text = planTable(CLUSTER, [
      planOf({ desired: [record()], held: [record({ owner: 'other' })] }),
    ]);
    expect(text).toContain('a record of this name and id belongs to another owner');
    expect(text).not.toContain('under this policy');
  });

  it('says why nothing is removed, on one line whatever the registry wrote', () => {
    const text = planTable(CLUSTER, [planOf({ unknown: 'restarted\n\u001b[31mjust now' })]);
    expect(text.split('\n')).toEqual([
      CLUSTER,
      'unchanged: consul 0',
      'consul: nothing is removed, since restarted??[31mjust now',
    ]);
  });

  it('of no registry says so', () => {
    expect(planTable(CLUSTER, [])).toBe(`${CLUSTER}\nunchanged: none`);
  });
});
