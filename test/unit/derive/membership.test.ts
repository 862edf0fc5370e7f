import { describe, expect, test } from 'vitest';
import {
  type Case,
  claimsOf,
  container,
  derived,
  labelled,
  names,
  port,
  reasons,
} from './builders.ts';

const byHand = { group: 'family:shop-web', startedBy: 'events-rule/nightly' };
const run = (environment: Record<string, string>, more: Case = {}): Case => ({
  ...more,
  task: { ...byHand, overrides: { app: environment } },
});

describe('a task of no ECS service', () => {
  test.each<[string, NonNullable<Case['task']>]>([
    ['that somebody has run', byHand],
    ['whose group only looks like a service', { group: 'service:web', startedBy: 'ci' }],
    ['whose group is not told', { ...byHand, group: 'daemon:agent' }],
  ])('%s is not registered, and the reason says who started it', (_, told) => {
    const { identities, instances, skips } = derived({ task: told });
    expect({ identities, instances }).toEqual({ identities: [], instances: [] });
    expect(skips).toEqual([
      expect.objectContaining({
        code: 'not-of-service',
        detail: expect.stringContaining(`group ${told.group}, started by ${told.startedBy}`),
      }),
    ]);
  });

  test.each<[string, Case]>([
    ['a label', { containers: labelled({ SERVICE_NAME: 'jobs' }) }],
    ['the environment', { containers: [container({ environment: { SERVICE_NAME: 'jobs' } })] }],
    ['a tag', { tags: { 'rollcall:name': 'jobs' } }],
  ])('is not registered by %s of its definition, which the service has too', (_, given) =>
    expect(reasons({ ...given, task: byHand })).toEqual(['not-of-service']),
  );

  test('is registered where the run itself says a name, above every label', () => {
    const containers = labelled({ SERVICE_NAME: 'web', SERVICE_8080_NAME: 'web' });
    expect(names(run({ SERVICE_NAME: 'canary' }, { containers }))).toEqual(['8080/tcp canary']);
  });

  test('is registered with the ports alone that the run names', () => {
    const containers = [
      container({ ports: [port(80), port(81)] }),
      container({ name: 'other', ports: [port(90)] }),
    ];
    const given = run({ SERVICE_81_NAME: 'canary' }, { containers });
    expect(names(given)).toEqual(['81/tcp canary']);
    expect(reasons(given)).toEqual(['app 80 not-of-service', 'other 90 not-of-service']);
  });

  test('does not take the name of an ECS service, in whatever case', () => {
    const taken = { more: { claims: claimsOf({ web: 'shop/web' }) } };
    expect(reasons(run({ SERVICE_NAME: 'Web' }, taken))).toEqual(['app 8080 not-of-service']);
    expect(names(run({ SERVICE_NAME: 'web2' }, taken))).toEqual(['8080/tcp web2']);
  });

  test.each<NonNullable<Case['rules']>>([{ tasks: 'all' }, { profile: 'registrator' }])(
    'is registered under %j',
    (rules) => expect(derived({ task: byHand, rules }).instances).toHaveLength(1),
  );

  test('goes by what its run says before what its definition says, where all tasks count', () => {
    const containers = labelled({ SERVICE_NAME: 'web' });
    const run = { ...byHand, overrides: { app: { SERVICE_NAME: 'reports' } } };
    expect(names({ containers, task: run, rules: { tasks: 'all' } })).toEqual(['8080/tcp reports']);
    expect(names({ containers, task: byHand, rules: { tasks: 'all' } })).toEqual(['8080/tcp web']);
  });

  test('is of no service, whatever group its run was given', () => {
    const task = { group: 'service:web', startedBy: 'ci' };
    const { instances } = derived({ task, rules: { tasks: 'all' } });
    expect(instances.map(({ service }) => service)).toEqual(['shop-web']);
    expect(instances[0]?.metadata).not.toHaveProperty('ECS_SERVICE_NAME');
  });

  test('leaves no word on names that nobody gets', () => {
    const containers = [container(), container({ name: 'other', ports: [port(90)] })];
    expect(derived({ containers, task: byHand }).notes).toEqual([]);
  });
});

test('a task of a service whose name is a run’s too is registered as ever', () =>
  expect(names({ more: { claims: claimsOf({ web: 'shop/web' }) } })).toEqual(['8080/tcp web']));
