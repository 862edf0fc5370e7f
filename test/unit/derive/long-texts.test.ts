import { describe, expect, it } from 'vitest';
import { createWithhold } from '../../../shared/model/address.ts';
import { toServiceName as cloudMapName } from '../../../shared/registries/cloudmap/names.ts';
import { toServiceName as consulName } from '../../../shared/registries/consul/names.ts';
import { toVipName } from '../../../shared/registries/eureka/names.ts';
import { carriedTags, parseTags } from '../../../shared/registries/tags.ts';
import { NAME_RULES } from '../../support/name-rules.ts';
import { derived, labelled, names } from './builders.ts';

/** More than fits into ECS's 64 KB for a definition: what takes the square of it takes minutes. */
const LENGTH = 200_000;
const RUNS = ['-', '\\', ' ', '/', '.', ':', ',', 'a,', '{ip', '{zone}', '\u0001', '1s', '%'];
const TEXTS = RUNS.map((run) => [run, `a${run.repeat(LENGTH / run.length)}b`] as const);
const KEYS = ['NAME', '8080_NAME', 'TAGS', 'EUREKA_VIP', 'EUREKA_HOMEPAGEURL', 'CHECK_HTTP', 'ID'];

describe.each(TEXTS)('a text of 200,000 that repeats %j', { timeout: 30_000 }, (_, text) => {
  it.each(['ecs', 'registrator'] as const)('keeps nothing busy under %s', (profile) => {
    const rules = { profile, names: { ...NAME_RULES, labels: 'all' } } as const;
    for (const key of KEYS) {
      const said = derived({ containers: labelled({ [`SERVICE_${key}`]: text }), rules });
      expect(said.identities).toHaveLength(1);
    }
  });

  it('keeps no registry busy as a name or a tag', () => {
    expect(cloudMapName(text)?.length).toBeLessThanOrEqual(127);
    expect(consulName(text).length).toBeGreaterThan(0);
    expect(toVipName(text).length).toBeGreaterThan(0);
    expect(parseTags(carriedTags([text]).join(','))).not.toEqual([]);
  });

  it('keeps no reader busy as an address', () => {
    expect(createWithhold({})(`${text}\n:`)).toBeUndefined();
  });
});

describe('a name of more than 1,000 characters', () => {
  const long = `web-${'a'.repeat(1_000)}`;

  it.each(['SERVICE_NAME', 'SERVICE_8080_NAME', 'SERVICE_EUREKA_VIP'])(
    'has no effect as %s, and is told',
    (key) => {
      const given = { containers: labelled({ [key]: long }) };
      expect(names(given)).toEqual(['8080/tcp web']);
      expect(derived(given).notes.join()).toContain(
        'is ignored: expected at most 1000 characters, got 1004',
      );
    },
  );

  it('counts up to that', () => {
    const [name] = names({ containers: labelled({ SERVICE_NAME: long.slice(4) }) });
    expect(name).not.toBe('8080/tcp web-');
  });
});
