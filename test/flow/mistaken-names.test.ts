import { describe, expect, it } from 'vitest';
import { ABOVE_LIMIT, bearing, named, nextRound, runInSide } from './naming.ts';
import { container, type Flow, startFlow } from './stage.ts';

/** In all three registries. */
const ALL = 3 * ABOVE_LIMIT;

/** As CDK calls services: by their tag alone people know them. */
const startTagged = (flow: Flow, family = 'ProdStack-PaymentsService-A1B2') => {
  for (let at = 0; at < ABOVE_LIMIT; at++) flow.run({ family, tags: named('payments') });
};

describe('more tasks than the delete limit lets go keep a name, by default,', () => {
  it.each(['', 'payments=shop/payments'])(
    'if the pin of two services that move from EC2 to Fargate becomes %j',
    async (names) => {
      const flow = await startFlow({
        environment: { ROLLCALL_NAMES: 'payments=shop/payments+shop/payments-fargate' },
      });
      flow.run({ family: 'payments', networkMode: 'bridge' });
      startTagged(flow, 'payments-fargate');
      await flow.settle();
      await nextRound(flow);
      expect(await bearing(flow, 'payments')).toHaveLength(3 + ALL);
      await flow.stack.redeploy({ ROLLCALL_NAMES: names });
      await nextRound(flow);
      expect(await bearing(flow, 'payments')).toHaveLength(3 + ALL);
    },
  );

  it('if somebody starts a service of that name in another cluster', async () => {
    const flow = await startFlow();
    startTagged(flow);
    await flow.settle();
    await nextRound(flow);
    runInSide(flow, { family: 'payments' }, 1);
    await flow.settle();
    await nextRound(flow);
    expect(await bearing(flow, 'payments')).toHaveLength(ALL + 3);
  });

  it('if the template is lost that kept another cluster’s names apart', async () => {
    const flow = await startFlow({
      environment: { ROLLCALL_NAME_TEMPLATES: 'side={cluster}-{service};*={service}' },
    });
    startTagged(flow);
    runInSide(flow, { family: 'payments' }, 1);
    await flow.settle();
    await nextRound(flow);
    await flow.stack.redeploy({ ROLLCALL_NAME_TEMPLATES: '' });
    await nextRound(flow);
    await nextRound(flow);
    expect((await bearing(flow, 'payments')).length).toBeGreaterThanOrEqual(ALL);
  });

  it('that a label gives within the service, if somebody starts a service called so', async () => {
    const flow = await startFlow();
    const dockerLabels = { SERVICE_NAME: 'web-canary' };
    for (let at = 0; at < ABOVE_LIMIT; at++)
      flow.run({ family: 'web', containerDefinitions: [container({ dockerLabels })] });
    await flow.settle();
    await nextRound(flow);
    runInSide(flow, { family: 'web-canary' }, 1);
    await flow.settle();
    await nextRound(flow);
    expect((await bearing(flow, 'web-canary')).length).toBeGreaterThanOrEqual(ALL);
  });
});
