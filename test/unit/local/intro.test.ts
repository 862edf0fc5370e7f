import { describe, expect, it } from 'vitest';
import { type Addresses, intro, more } from '../../../local/intro.ts';
import { createKeys } from '../../../local/keys.ts';

const ADDRESSES: Addresses = {
  resolver: 'http://127.0.0.1:18080',
  control: 'http://127.0.0.1:18081/control',
  aws: 'http://127.0.0.1:18082',
  consul: { url: 'http://127.0.0.1:18500', isReal: false },
  eureka: { url: 'http://127.0.0.1:18761/eureka', isReal: false },
};
const keys = createKeys({
  run: () => {},
  reconcile: () => Promise.reject(new Error('not pressed here')),
  newestTask: () => undefined,
  plan: async () => '',
  policy: () => 'sync',
  more: () => '',
});
const shown = (addresses: Partial<Addresses> = {}) =>
  intro({ ...ADDRESSES, ...addresses }, { keys, columns: 80 });

describe('the first lines of npm start', () => {
  it('leave room for what happens in a terminal of 80 by 24', () => {
    const lines = shown().trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(16);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('explain each sign of the events, ✓ too, and from when times count', () => {
    expect(shown()).toContain('✓ without event');
    expect(shown()).toContain('ms: from ECS’s event');
  });

  it('say what it is, where the page is, and every key', () => {
    const text = shown();
    expect(text).toMatch(/^Rollcall on this machine: /);
    expect(text).toContain('page      http://127.0.0.1:18080/ ');
    for (const { key, help } of keys) expect(text).toContain(`${key} ${help}`);
    expect(text).toContain('q quit');
  });

  it('name the ports that are in use by others', () => {
    const text = shown({ resolver: 'http://127.0.0.1:4711' });
    expect(text).toMatch(/^18080 is in use: others were taken\n/);
  });

  it('name a registry that is the user’s own, whose port nobody else took', () => {
    const text = shown({ consul: { url: 'http://consul:8500', isReal: true } });
    expect(text).toContain('Consul    http://consul:8500 (yours;');
    expect(text).not.toContain('in use');
  });

  it('leave the keys out where nobody can press one', () => {
    const text = intro(ADDRESSES, { keys: [], columns: 80 });
    expect(text).not.toContain('quit');
    expect(text).toContain('http://127.0.0.1:18081/control    GET: ');
  });
});

describe('what stands behind ?', () => {
  const text = more(ADDRESSES);

  it('fits into a terminal of 80 by 24, with the addresses last', () => {
    const lines = text.split('\n');
    expect(lines.length).toBeLessThanOrEqual(23);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines.at(-1)).toContain(ADDRESSES.eureka.url);
  });

  it('leads to every action, and says what each word of the events means', () => {
    expect(text).toContain(`  curl ${ADDRESSES.control}    # all that can be done`);
    expect(text).toMatch(/^look: /m);
    expect(text).toMatch(/^ms: /m);
  });
});

describe('where the AWS of the run is', () => {
  const line = `AWS       http://127.0.0.1:4711    rollcall … --local --endpoint-url`;

  it('is said at once where its port was taken, and by the command behind ?', () => {
    const aws = 'http://127.0.0.1:4711';
    expect(shown({ aws })).toContain(line);
    expect(more({ ...ADDRESSES, aws })).toContain(`plan --local --endpoint-url ${aws}`);
    expect(shown()).not.toContain('--endpoint-url');
    expect(more(ADDRESSES)).toContain('plan --local\n');
  });

  it('is said where nobody can press ?', () => {
    expect(intro(ADDRESSES, { keys: [], columns: 80 })).toContain(ADDRESSES.aws);
  });
});
