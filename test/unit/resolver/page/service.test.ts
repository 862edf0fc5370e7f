import { describe, expect, it } from 'vitest';
import { createWithholdTarget } from '../../../../shared/resolver/lookup/withhold.ts';
import { contents, held, round } from '../../../support/page-scene.ts';
import { outcome } from '../../sync/admin/history/records.ts';
import { page } from './view.ts';

describe('a service’s page', () => {
  it('has each instance with health, address, registries, zone, deployment, age and tags', () => {
    const metadata = { ROLLCALL_REVISION: '41', ROLLCALL_DEPLOYMENT: 'ecs-svc/7' };
    const registries = [
      contents('cloudmap', { web: [held(1, { metadata }), held(2, { healthy: false })] }),
      contents('consul', { web: [held(2, { healthy: false })] }),
    ];
    const { rows, body } = page({ registries, query: 'service=web' });
    expect(rows[0]).toMatch(
      /^unhealthy 10\.0\.0\.2:8080 M C in all eu-central-1a 2 h v2 Details of 10\.0\.0\.2:8080/,
    );
    expect(rows[1]).toMatch(
      /^healthy 10\.0\.0\.1:8080 M C Consul missing Consul missing eu-central-1a revision 41 2 h v2/,
    );
    expect(body).toContain('href="?q=ROLLCALL_REVISION%3D41&amp;service=web" title="ecs-svc/7"');
  });

  it('says first how it is and what is wrong', () => {
    expect(page({ query: 'service=web' }).text).toContain(
      'web 3 of 3 instances healthy, in cluster shop, zones eu-central-1a, eu-central-1b and eu-central-1c. Consul lacks 1 of 3',
    );
  });

  it('counts the service whole, whatever is filtered', () => {
    const { text, rows } = page({ query: 'service=web&zone=eu-central-1c' });
    expect(rows).toHaveLength(1);
    expect(text).toContain('3 of 3 instances healthy');
    expect(text).toContain('1 of 3 instances match. Show all');
    const none = page({ query: 'service=web&q=nobody' });
    expect(none.text).toContain('0 of 3 instances match. Show all');
  });

  it('shows apart what has left by all that can be read', () => {
    const old = contents('consul', { web: [held(1), held(2)] }, { state: 'old' });
    const registries = [contents('cloudmap', { web: [held(1)] }), old];
    const { text, rows } = page({ registries, query: 'service=web' });
    expect(text).toContain('web 1 of 1 instance healthy');
    expect(text).toContain('In an old answer only');
    expect(rows).toHaveLength(2);
    expect(rows[1]).toContain('10.0.0.2:8080 from an old answer');
  });

  it('calls records that nobody of ours wrote by their name', () => {
    expect(page({ query: 'service=ledger' }).text).toContain('written by others');
  });

  it('tells what is left out of its tasks and of others of its ECS service', () => {
    const task = held(1).metadata['ROLLCALL_TASK'] ?? '';
    const other = { task: 'arn:x/9', code: 'no-binding', detail: 'no host port' };
    const skips = [
      { task, code: 'sidecar', detail: 'container log_router, port 24224/tcp', tasks: 12 },
      { ...other, service: 'web' },
      { ...other, detail: 'another’s', service: 'mail' },
    ];
    const { text } = page({ round: round({ skips }), query: 'service=web' });
    const [, left = ''] = text.split('Left out');
    expect(left).toContain('sidecar container log_router, port 24224/tcp 12 tasks, such as');
    expect(left).toContain('no-binding no host port web , 1 task 9');
    expect(left).not.toContain('another’s');
    expect(page({ round: 'unreadable', query: 'service=web' }).text).toContain(
      'Left out unknown: the last round’s report cannot be read',
    );
  });

  it('tells who may not have its name, and who has it', () => {
    const refused = {
      task: 'arn:aws:ecs:eu-central-1:111122223333:task/staging/9',
      code: 'name-taken',
      detail: 'it may not be called web: sharedNames=refuse, and shop/web goes before staging/shop',
      name: 'Web',
      service: 'shop',
    };
    const { text } = page({ round: round({ skips: [refused] }), query: 'service=web' });
    const [head = '', left] = text.split('Left out');
    expect(head).toContain('name refused to staging/shop');
    expect(left).toContain(`name-taken ${refused.detail}`);
  });

  it('tells what is withheld in its clusters, and in no other', () => {
    const withheldIn = (cluster: string) =>
      round({ withheld: [{ cluster, plan: 'ab12', removals: 40, why: 'missing' }] });
    const cluster = 'arn:aws:ecs:eu-central-1:111122223333:cluster/';
    const query = 'service=web';
    expect(page({ round: withheldIn(`${cluster}shop`), query }).text).toContain(
      'Withheld in its clusters 40 records in',
    );
    expect(page({ round: withheldIn(`${cluster}core`), query }).text).not.toContain('Withheld in');
  });

  it('has its history where the page may ask for it, and always the command', () => {
    const record = outcome({
      time: '2026-11-21T11:03:10.000Z',
      task: 'arn:aws:ecs:eu-central-1:111122223333:task/shop/abc',
      why: 'absent so far',
    });
    const query = 'service=web';
    const command = 'What was done, and why: rollcall history web --since 6h';
    expect(page({ query, history: [record] }).text).toContain(
      `History 11:03:10 UTC + registered 10.0.0.1:8080 in Consul absent so far task abc ${command}`,
    );
    expect(page({ query }).text).toContain(`History ${command}`);
    expect(page({ query, history: [] }).text).toContain(`History Nothing of late. ${command}`);
    expect(page({ query, history: 'unreadable' }).text).toContain(
      `History unknown: it cannot be read now ${command}`,
    );
    const many = Array.from({ length: 60 }, () => record);
    expect(page({ query, history: many }).text).toContain('10 more, not shown.');
  });
});

describe('an instance that clients are not given', () => {
  const registries = [contents('consul', { web: [held(0, { address: '169.254.169.254' })] })];
  const withhold = createWithholdTarget({});

  it('is shown with the reason, and its service needs somebody', () => {
    const { body, rows } = page({ registries, withhold, query: 'service=web' });
    expect(rows[0]).toContain('not given to clients: 169.254.169.254: a link-local address');
    expect(body).toContain('<title>web · 1 needs you');
    expect(page({ registries, withhold }).rows[0]).toContain('web 1 of 1 not given to clients');
  });

  it('is found by it', () => {
    expect(page({ registries, withhold, query: 'q=link-local' }).rows).toHaveLength(1);
  });
});
