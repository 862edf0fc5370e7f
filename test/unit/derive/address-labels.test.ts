import { describe, expect, test } from 'vitest';
import type { EurekaFacts } from '../../../shared/model/registration.ts';
import { type Case, claimsOf, derived, instance, labelled, nameRules } from './builders.ts';

const off: Case = { rules: { names: nameRules({ addressLabels: 'off' }) } };
const said = (labels: Record<string, string>, given: Case = off): Case => ({
  ...given,
  containers: labelled(labels),
});
const OFF = 'container app, port 8080/tcp: EUREKA';

describe('addressLabels=off', () => {
  test.each([
    ['IPADDR', '198.51.100.7'],
    ['HOSTNAME', 'payments.example'],
    ['HOMEPAGEURL', 'http://evil.example/'],
    ['STATUSPAGEURL', '//evil.example/info'],
    ['HEALTHCHECKURL', 'http://10.0.1.163@evil.example/health'],
    ['SECUREHEALTHCHECKURL', 'https://10.0.1.163.evil.example/health'],
    ['HOMEPAGEURL', 'http:\\\\evil.example'],
    ['HOMEPAGEURL', '/\\evil.example'],
    ['HOMEPAGEURL', 'javascript:alert(1)'],
    ['HOMEPAGEURL', 'evil.example:8080/'],
    ['STATUSPAGEURL', 'http://169.254.169.254/latest/meta-data/'],
  ])('leaves out EUREKA_%s %s, and says so', (key, value) => {
    const given = said({ [`SERVICE_EUREKA_${key}`]: value });
    expect(instance(given).eureka).toEqual({});
    expect(derived(given).notes).toEqual([
      `${OFF}_${key} is left out: addressLabels=off, so it may name the task's own address only`,
    ]);
  });

  test.each(['VIP', 'SECUREVIP'])('leaves out an EUREKA_%s that is not the name', (key) => {
    for (const value of ['payments', 'web,payments', 'web-2']) {
      const given = said({ [`SERVICE_EUREKA_${key}`]: value });
      expect(instance(given).eureka).toEqual({});
      expect(derived(given).notes).toEqual([
        `${OFF}_${key} is left out: addressLabels=off, so expected web`,
      ]);
    }
  });

  test('keeps what names the task itself', () => {
    const facts: EurekaFacts = {
      vip: 'WEB',
      secureVip: 'web',
      ipAddr: '10.0.1.163',
      hostName: '10.0.1.163',
      homePageUrl: '/',
      statusPageUrl: 'http://10.0.1.163:8080/info',
      healthCheckUrl: '/health?full=true',
      secureHealthCheckUrl: 'https://10.0.1.163/health',
    };
    const given = said({
      SERVICE_EUREKA_VIP: 'WEB',
      SERVICE_EUREKA_SECUREVIP: 'web',
      SERVICE_EUREKA_IPADDR: '{ip}',
      SERVICE_EUREKA_HOSTNAME: '10.0.1.163',
      SERVICE_EUREKA_HOMEPAGEURL: '/',
      SERVICE_EUREKA_STATUSPAGEURL: 'http://{ip}:{port}/info',
      SERVICE_EUREKA_HEALTHCHECKURL: '/health?full=true',
      SERVICE_EUREKA_SECUREHEALTHCHECKURL: 'https://{ip}/health',
    });
    expect(instance(given).eureka).toEqual(facts);
    expect(derived(given).notes).toEqual([]);
  });

  test.each([
    'SERVICE_EUREKA_METADATA_EUREKA_VIP',
    'SERVICE_eureka.vip',
    'SERVICE_Eureka-HostName',
    'SERVICE_EUREKA_METADATA_MANAGEMENT.ADDRESS',
    'SERVICE_management_address',
  ])('drops metadata that says the same to readers of other registries: %s', (key) => {
    const given = said({ [key]: 'evil' });
    expect(Object.values(instance(given).metadata)).not.toContain('evil');
    expect(derived(given).notes.join()).toMatch(
      /metadata key "[^"]+" is dropped: addressLabels=off/,
    );
  });

  test('holds under registrator, where instructions are metadata too', () => {
    const names = nameRules({ addressLabels: 'off' });
    const given = said(
      { SERVICE_EUREKA_IPADDR: '198.51.100.7' },
      { rules: { profile: 'registrator', names } },
    );
    expect(instance(given).eureka).toEqual({});
    expect(instance(given).metadata).not.toHaveProperty('eureka_ipaddr');
  });
});

describe('addressLabels=on', () => {
  const on = (labels: Record<string, string>, more: Case = {}) => said(labels, { ...more });

  test('lets labels name other addresses', () =>
    expect(instance(on({ SERVICE_EUREKA_IPADDR: '198.51.100.7' })).eureka).toEqual({
      ipAddr: '198.51.100.7',
    }));

  test('makes VIPs names, which are others’ as names are', () => {
    const claims = claimsOf({ payments: 'prod/payments' });
    const given = on({ SERVICE_EUREKA_VIP: 'shop,payments' }, { more: { claims } });
    expect(instance(given).eureka).toEqual({});
    expect(derived(given).notes).toEqual([
      `${OFF}_VIP is left out: it is the name of ECS service prod/payments`,
    ]);
    const metadata = on({ SERVICE_EUREKA_METADATA_EUREKA_VIP: 'payments' }, { more: { claims } });
    expect(instance(metadata).metadata).not.toHaveProperty('eureka_vip');
    expect(instance(on({ SERVICE_EUREKA_VIP: 'shop' }, { more: { claims } })).eureka).toEqual({
      vip: 'shop',
    });
  });

  test.each([
    [{ labels: 'within-service' } as const, 'labels=within-service, so expected web or web-…'],
    [{ pinned: new Map([['shop', ['prod/shop']]]) }, 'names pins it to prod/shop'],
    [{ reserved: new Set(['shop']) }, 'registries use it themselves'],
  ])('leaves a VIP to the rules for names: %j', (more, why) => {
    const given = on({ SERVICE_EUREKA_VIP: 'shop' }, { rules: { names: nameRules(more) } });
    expect(derived(given).notes).toEqual([`${OFF}_VIP is left out: ${why}`]);
  });
});
