import type { PlanAnswer } from '../../shared/plan/answer.ts';
import { ask } from '../ask.ts';
import { whoAsks } from '../by.ts';
import type { Report, Run, Tools } from '../command.ts';
import { withheldIn } from './plan.ts';

interface Released {
  readonly cluster: string;
  readonly plan: string;
  readonly removals: number;
  readonly why: 'missing' | 'renamed';
  readonly until: string;
}

export const run: Run = async (input, tools) => {
  const [plan] = input.args;
  if (plan === undefined) return tellWithheld(tools);
  const by = whoAsks(input);
  const released = await ask<Released>('operate', { command: 'release', by, plan }, tools);
  const { removals, why, cluster, until } = released;
  const what = why === 'missing' ? 'removals' : 'renamings';
  const line = `${removals} ${what} in ${cluster} are released until ${until}: the next rounds make them, or now: rollcall reconcile`;
  return { blocks: [[line]], json: released };
};

/** Reads, and releases nothing: the id is what an operator has to say. */
const tellWithheld = async (tools: Tools): Promise<Report> => {
  const clusters = await ask<readonly PlanAnswer[]>('inspect', { command: 'plan' }, tools);
  const withheld = clusters.flatMap(({ cluster, ...planned }) =>
    withheldIn(planned).map((one) => ({ cluster, ...one })),
  );
  if (withheld.length === 0) return { blocks: [['nothing is withheld']], json: [] };
  return {
    blocks: [
      {
        head: ['plan', 'withholds', 'cluster'],
        rows: withheld.map(({ plan, changes, what, cluster }) => [
          plan,
          `${changes} ${what}`,
          cluster,
        ]),
      },
      ['to see them: rollcall plan; to let one through: rollcall release <plan>'],
    ],
    json: withheld,
    found: true,
  };
};
