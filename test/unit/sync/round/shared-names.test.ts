import { describe, expect, it } from 'vitest';
import type { NameRules } from '../../../../shared/config/config.ts';
import { KEY, type Registration } from '../../../../shared/model/registration.ts';
import { reconcile } from '../../../../shared/sync/reconcile.ts';
import { definition, labelled, nameRules, rules } from '../../derive/builders.ts';
import { fakeRegistry, fakeSource, live, NOW, recordOf, taskOf, worldOf } from '../fakes.ts';

const arn = 'arn:aws:ecs:eu-west-1:111122223333:task-definition/shop:1';
const shop = taskOf('b', { group: 'service:shop', definitionArn: arn });

/** A round with the service `web`, and another one with these labels. */
const round = async (
  labels: Record<string, string>,
  names: Partial<NameRules> = {},
  held: readonly Registration[] = [],
) => {
  const source = fakeSource({
    tasks: [taskOf('a'), shop],
    definitions: [definition(), definition({ arn, containers: labelled(labels) })],
  });
  const made = worldOf({ registries: [fakeRegistry(held)], source });
  const config = { ...made.context.config, rules: rules({ names: nameRules(names) }) };
  const summary = await reconcile({ ...made.context, config }, FAR, live());
  return { ...made, summary };
};
const FAR = NOW + 55_000;
const WEB = { SERVICE_NAME: 'Web' };
const BOTH = [{ name: 'web', owners: ['shop/shop', 'shop/web'] }];

describe('a name that several have', () => {
  it('is told with all of its owners, without regard to case, and counted', async () => {
    const { summary, counts, lines } = await round(WEB);
    expect(summary.shared).toEqual(BOTH);
    expect(counts.get('SharedNames')).toBe(1);
    expect(lines).toContain(
      'note web is the name of shop/shop and shop/web: clients get all of them',
    );
  });

  it('is a VIP too', async () => {
    const { summary } = await round({ SERVICE_EUREKA_VIP: 'shop,web' });
    expect(summary.shared).toEqual(BOTH);
  });

  it('is told of another installation’s records, which nobody touches', async () => {
    const theirs = recordOf('x', {
      metadata: { [KEY.owner]: 'theirs', [KEY.cluster]: 'c/far', [KEY.serviceName]: 'web' },
    });
    const { summary } = await round({}, { shared: 'refuse' }, [theirs]);
    expect(summary.shared).toEqual([{ name: 'web', owners: ['far/web of theirs', 'shop/web'] }]);
  });

  it('is no news where it is pinned to all of them, or with sharedNames=allow', async () => {
    const pinned = new Map([['web', ['shop/web', 'shop/shop']]]);
    expect((await round(WEB, { pinned })).summary.shared).toBeUndefined();
    const allowed = await round(WEB, { shared: 'allow' });
    expect([allowed.summary.shared, allowed.counts.get('SharedNames')]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('is not shared by whom it is refused, but told with the reason', async () => {
    const { summary } = await round({}, { pinned: new Map([['web', ['prod/web']]]) });
    expect(summary.shared).toBeUndefined();
    expect(summary.skips).toMatchObject([{ code: 'name-taken', name: 'web', service: 'web' }]);
  });

  it('is nobody’s second name where each has its own', async () => {
    expect((await round({})).summary.shared).toBeUndefined();
  });
});
