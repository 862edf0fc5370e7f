import { describe, expect, it } from 'vitest';
import { createWithhold, parseNetwork } from '../../../shared/model/address.ts';

const withhold = createWithhold({});

describe('an address is withheld', () => {
  it.each([
    ['127.0.0.1', 'a loopback address'],
    ['127.255.255.254', 'a loopback address'],
    ['::1', 'a loopback address'],
    ['169.254.169.254', 'a link-local address'],
    ['169.254.170.2', 'a link-local address'],
    ['fe80::1', 'a link-local address'],
    ['fe80::1%eth0', 'a link-local address'],
    ['febf::1', 'a link-local address'],
    ['0.0.0.0', 'an unspecified address'],
    ['0.1.2.3', 'an unspecified address'],
    ['::', 'an unspecified address'],
    ['224.0.0.1', 'a multicast address'],
    ['239.255.255.250', 'a multicast address'],
    ['ff02::1', 'a multicast address'],
    ['255.255.255.255', 'the broadcast address'],
    ['fd00:ec2::254', "an address of EC2's own services"],
    ['fd00:ec2:ffff::1', "an address of EC2's own services"],
  ])('that is %s', (address, what) => {
    expect(withhold(address)).toBe(what);
  });

  it.each([
    ['mapped', '::ffff:169.254.169.254'],
    ['mapped, in hexadecimal', '::ffff:a9fe:a9fe'],
    ['compatible', '::169.254.169.254'],
    ['translated', '::ffff:0:169.254.169.254'],
    ['6to4', '2002:a9fe:a9fe::1'],
    ['NAT64', '64:ff9b::169.254.169.254'],
    ['local NAT64', '64:ff9b:1::a9fe:a9fe'],
  ])('that stands within IPv6: %s', (_, address) => {
    expect(withhold(address)).toBe('a link-local address');
    expect(withhold(address.toUpperCase())).toBe('a link-local address');
  });

  it.each([
    '127.1',
    '127.0.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '0177.0.0.1',
    '127.0.0.1.',
    ' 127.0.0.1 ',
    '127.0.0.1:80',
    '127.0.0.1/x',
    'who@127.0.0.1',
    '127%2e0.0.1',
    '１２７.0.0.1',
    '[::1]',
    '[::1]:80',
    '0:0:0:0:0:0:0:1',
    '[::ffff:7f00:1]',
  ])('in whatever way clients read it: %s', (address) => {
    expect(withhold(address)).toBe('a loopback address');
  });

  it.each(['localhost', 'LOCALHOST', 'localhost.', 'db.localhost'])('by name: %s', (name) => {
    expect(withhold(name)).toBe('a loopback name');
  });
});

describe('an address is handed out', () => {
  it.each([
    '10.0.0.1',
    '100.64.0.1',
    '126.255.255.255',
    '128.0.0.1',
    '169.253.255.255',
    '169.255.0.1',
    '223.255.255.255',
    '1.0.0.0',
    'fd00:ec1::1',
    'fd00:ec3::1',
    'fec0::1',
    '2001:db8::1',
    '::ffff:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '2002:a00:1::1',
    'db.example.com',
    'localhost.example.com',
    // Nobody can connect to these, so they lead nowhere.
    '',
    'not an address',
    '1.2.3.4.5',
  ])('that is %j', (address) => {
    expect(withhold(address)).toBeUndefined();
  });
});

describe('where networks are given', () => {
  const narrow = createWithhold({ cidrs: ['10.0.0.0/8', 'fd12:3456::/32'] });

  it.each(['10.0.0.1', '10.255.255.255', '::ffff:10.0.0.1', 'fd12:3456::1'])(
    'what is in one is handed out: %s',
    (address) => {
      expect(narrow(address)).toBeUndefined();
    },
  );

  it.each(['11.0.0.1', '9.255.255.255', 'fd12:3457::1', '2002:a00:1::1'])(
    'nothing else is: %s',
    (address) => {
      expect(narrow(address)).toBe('outside resolveCidrs');
    },
  );

  it.each(['db.example.com', '', 'not an address'])(
    'no name is, since none is resolved: %j',
    (name) => {
      expect(narrow(name)).toBe('no address, and only those of resolveCidrs are');
    },
  );

  it('what is withheld always is not let through by any', () => {
    const wide = createWithhold({ cidrs: ['0.0.0.0/0', '::/0'] });
    expect(wide('169.254.169.254')).toBe('a link-local address');
    expect(wide('8.8.8.8')).toBeUndefined();
  });

  it.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/129', '10.0.0/8', 'db/8', '10.0.0.0/8/8', '/8', ''])(
    '%j is no network',
    (text) => {
      expect(parseNetwork(text)).toBeUndefined();
    },
  );
});

it('a local run hands out loopback, and nothing else that is withheld', () => {
  const local = createWithhold({ loopback: 'allow' });
  expect(['127.0.0.1', '::1', 'localhost', '::ffff:127.0.0.1'].map(local)).toEqual(
    Array(4).fill(undefined),
  );
  expect(local('169.254.169.254')).toBe('a link-local address');
});
