import { describe, expect, it } from 'vitest';
import {
  createWithholdTarget,
  withoutWithheld,
} from '../../../../shared/resolver/lookup/withhold.ts';
import { directoryOf, target } from '../support.ts';

const METADATA_SERVICE = '169.254.169.254';
const good = target();
const bad = target({ id: 'b', address: METADATA_SERVICE });
const signal = new AbortController().signal;

describe('an instance is withheld', () => {
  const withhold = createWithholdTarget({});

  it('for its address, which the reason names', () => {
    expect(withhold(bad)).toBe('169.254.169.254: a link-local address');
    expect(withhold(good)).toBeUndefined();
  });

  it.each([
    ['eureka_ipaddr', METADATA_SERVICE],
    ['eureka_hostname', METADATA_SERVICE],
    ['eureka_homepageurl', `http://${METADATA_SERVICE}/latest/meta-data/`],
    ['eureka_statuspageurl', `HTTP://who@${METADATA_SERVICE}:80/`],
    ['eureka_healthcheckurl', 'http://[::ffff:a9fe:a9fe]/'],
    ['eureka_securehealthcheckurl', `https://${METADATA_SERVICE}/`],
  ])('for what Eureka’s clients find in its metadata: %s', (key, value) => {
    expect(withhold(target({ metadata: { [key]: value } }))).toMatch(
      new RegExp(`^${key} is .*: a link-local address$`),
    );
  });

  it('not for other metadata, nor for pages elsewhere', () => {
    const metadata = { note: METADATA_SERVICE, eureka_homepageurl: 'https://shop.example/' };
    expect(withhold(target({ metadata }))).toBeUndefined();
  });
});

describe('a registry without them', () => {
  const { directory } = directoryOf({ web: [good, bad], gone: [bad] });
  const guarded = withoutWithheld(directory, createWithholdTarget({}));

  it('has the other instances, of one service and of all', async () => {
    expect(await guarded.instances('web', signal)).toEqual([good]);
    expect(await guarded.everything(signal)).toMatchObject([
      { name: 'web', targets: [good], withheld: [{ id: 'b' }] },
      { name: 'gone', targets: [], withheld: [{ id: 'b' }] },
    ]);
  });

  it('gives the same where the registry does: what was read once is not looked at again', async () => {
    expect(await guarded.instances('web', signal)).toBe(await guarded.instances('web', signal));
    const { directory: clean } = directoryOf({ web: [good] });
    const untouched = withoutWithheld(clean, createWithholdTarget({}));
    expect(await untouched.instances('web', signal)).toBe(await clean.instances('web', signal));
  });

  it('still knows which services there are', async () => {
    expect(await guarded.instances('gone', signal)).toEqual([]);
    expect(await guarded.instances('none', signal)).toBeUndefined();
  });
});
