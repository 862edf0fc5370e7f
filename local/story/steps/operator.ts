import { REGISTRY_NAMES } from '../../../shared/model/registration.ts';
import { forgetService, withheldPlan } from '../../forgetting.ts';
import type { Stage } from '../stage.ts';
import { settled } from './members.ts';

/** What waits for an operator, and what only an operator does. */

/** With the others' more than ten in each registry, most of which are its own. */
const MANY = 6;

export async function withhold(stage: Stage) {
  const { live, reconcile, until, expectHeld, running } = stage;
  live.cluster.scale('stock-price', MANY);
  await settled(stage, 'stock-price');
  await expectHeld(running);
  const before = running();
  await forgetService(live, 'stock-price');
  const lost = before.length - running().length;
  const plan = await until(
    `a plan that withholds ${lost} removals in each registry`,
    async () => {
      await reconcile();
      return (await live.stack.inspect({ command: 'plan' })).text;
    },
    (text) =>
      (text.match(/withheld: above the delete limit/g) ?? []).length ===
      lost * REGISTRY_NAMES.length,
  );
  await expectHeld(() => before);
  await live.stack.operate({ command: 'release', plan: withheldPlan(plan) });
  await reconcile();
  await expectHeld(running, { repair: true });
}

export async function purge(stage: Stage) {
  const { stack } = stage.live;
  await stack.redeploy({ ROLLCALL_POLICY: 'observe' });
  await stack.operate({ command: 'purge' });
  await stage.expectHeld(() => []);
}
