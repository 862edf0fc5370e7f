import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Rules } from '../../../shared/config/config.ts';
import { derive } from '../../../shared/derive/derive.ts';
import { container, definition, port, rules, task } from './builders.ts';

const shared = definition({
  networkMode: 'awsvpc',
  containers: [
    container({
      labels: {
        SERVICE_NAME: 'web-{zone}',
        SERVICE_9090_NAME: 'admin',
        SERVICE_7000_NAME: 'unmapped',
        SERVICE_TAGS: 'a,b',
      },
      environment: { SERVICE_API_KEY: 'none of ours' },
      ports: [port(8080), port(9090)],
    }),
    container({ name: 'side', ports: [port(8080), port(9100)] }),
  ],
});

const anyTask = fc.record({
  id: fc.constantFrom('a', 'b'),
  zone: fc.constantFrom('eu-west-1a', 'eu-west-1b'),
  group: fc.constantFrom('service:web', 'family:web'),
  overrides: fc.constantFrom(
    {},
    { app: { SERVICE_NAME: 'own' } },
    { side: { SERVICE_IGNORE: '1' } },
  ),
});

const anyRules = fc.record({
  owner: fc.constantFrom('one', 'two'),
  profile: fc.constantFrom<Rules['profile'][]>('ecs', 'registrator'),
  tasks: fc.constantFrom<Rules['tasks'][]>('services', 'all'),
});

it('derives each task of a definition as if no other had been derived before it', () => {
  const anyOrder = fc.array(fc.tuple(anyTask, anyRules), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(anyOrder, (order) => {
      for (const [more, by] of order) {
        const one = task(more);
        const alone = derive({ task: one, definition: structuredClone(shared) }, rules(by));
        expect(derive({ task: one, definition: shared }, rules(by))).toEqual(alone);
      }
    }),
  );
});
