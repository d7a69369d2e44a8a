import { describe, expect, it } from 'vitest';
import type { AppConfig } from '../config/app-config.js';
import { clientAddress, proxyTrust, senderAddress } from './client-address.js';

function addressOf(trustProxy: AppConfig['trustProxy'], remoteAddress: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return clientAddress({ socket: { remoteAddress }, headers }, proxyTrust({ trustProxy }));
}

describe('clientAddress', () => {
  it.each([
    ['203.0.113.7', undefined, '203.0.113.7'],
    ['203.0.113.7', '1.2.3.4', '203.0.113.7'],
    ['127.0.0.1', '1.2.3.4', '127.0.0.1'],
    ['::ffff:203.0.113.7', undefined, '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', undefined, '2001:db8:1:2::/64'],
    ['::1', undefined, '0:0:0:0::/64'],
    ['', undefined, 'unknown'],
  ])('trusts nobody by default: %s, forwarded %s, is %s', (remote, forwarded, expected) => {
    expect(addressOf(undefined, remote, forwarded)).toBe(expected);
  });

  it.each([
    [1, '198.51.100.9', '198.51.100.9'],
    [1, '1.2.3.4, 198.51.100.9', '198.51.100.9'],
    [2, '1.2.3.4, 198.51.100.9', '1.2.3.4'],
    [2, '9.9.9.9, 1.2.3.4, 198.51.100.9', '1.2.3.4'],
    [1, undefined, '10.0.0.2'],
    [1, '198.51.100.9:4711', '198.51.100.9'],
    [1, '[2001:db8::5]:4711', '2001:db8:0:0::/64'],
    [1, 'unknown', '10.0.0.2'],
    [1, '"><script>', '10.0.0.2'],
    [['10.0.0.0/8'], '1.2.3.4, 10.1.1.1', '1.2.3.4'],
    [['10.0.0.0/8'], '9.9.9.9, 1.2.3.4', '1.2.3.4'],
    [['172.16.0.0/12'], '1.2.3.4', '10.0.0.2'],
  ])('behind proxies (%j) takes of "%s" the address %s', (trustProxy, forwarded, expected) => {
    expect(addressOf(trustProxy, '10.0.0.2', forwarded)).toBe(expected);
  });
});

describe('senderAddress', () => {
  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6'],
    ['[2001:DB8::5]:4711', '2001:db8::5'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['"><script>', '10.0.0.2'],
  ])('takes of "%s" the whole address %s', (forwarded, expected) => {
    const sender = { headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress: '10.0.0.2' } };

    expect(senderAddress(sender, proxyTrust({ trustProxy: 1 }))).toBe(expected);
  });
});
