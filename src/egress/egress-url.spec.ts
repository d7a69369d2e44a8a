import { describe, expect, it } from 'vitest';
import { AllowList } from './allow-list.js';
import { EgressUrlError, egressUrl } from './egress-url.js';

const none = new AllowList([]);
const own = new AllowList(['n8n.internal', '10.1.2.0/24', '192.168.7.7', 'fd00:1::/32', 'Hooks.Example.com']);
const production = { allow: none, isProduction: true };
const development = { allow: none, isProduction: false };

describe('egressUrl', () => {
  it.each([
    ['https://hooks.example.com/whatsapp?x=1', 'https://hooks.example.com/whatsapp?x=1'],
    ['HTTPS://Hooks.Example.COM', 'https://hooks.example.com/'],
    ['https://hooks.example.com:443/', 'https://hooks.example.com/'],
    ['https://hooks.example.com:8443/', 'https://hooks.example.com:8443/'],
    ['https://münchen.example/', 'https://xn--mnchen-3ya.example/'],
    ['https://1.1.1.1/', 'https://1.1.1.1/'],
    ['https://[2606:4700:4700::1111]/', 'https://[2606:4700:4700::1111]/'],
  ])('takes %s in production', (text, normal) => {
    expect(egressUrl(text, production).href).toBe(normal);
  });

  it('takes http where it is not production', () => {
    expect(egressUrl('http://hooks.example.com/', development).protocol).toBe('http:');
    expect(() => egressUrl('http://hooks.example.com/', production)).toThrow(/must begin with https/);
  });

  it.each([
    '',
    'hooks.example.com',
    '//hooks.example.com/',
    '/etc/passwd',
    'https://',
    'https:///',
    'https://exa mple.com/',
    'https://example.com:99999/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_FLUSHALL',
    'data:text/plain,x',
    'javascript:alert(1)',
    'ws://example.com/',
    'unix:/var/run/docker.sock',
    `https://example.com/${'x'.repeat(2_048)}`,
  ])('wants a complete URL, not %.60s', (text) => {
    expect(() => egressUrl(text, development)).toThrow(/complete URL/);
  });

  it.each(['https://user@example.com/', 'https://user:secret@example.com/', 'https://:secret@example.com/'])(
    'takes no credentials: %s',
    (text) => {
      expect(() => egressUrl(text, development)).toThrow(/user name or password/);
    },
  );

  it.each([
    // The same address in other clothes.
    'http://127.0.0.1/',
    'http://127.1/',
    'http://127.0.1/',
    'http://0x7f.1/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://017700000001/',
    'http://2130706433/',
    'http://127.0.0.1./',
    'http://127。0。0。1/',
    'http://１２７.0.0.1/',
    'http://①②⑦.0.0.1/',
    'http://%31%32%37.0.0.1/',
    'http://0/',
    'http://0.0.0.0/',
    'http://[::1]/',
    'http://[::]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::169.254.169.254]/',
    'http://[2002:a9fe:a9fe::]/',
    'http://[fd00:ec2::254]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://0xA9FEA9FE/',
    'http://2852039166/',
    'http://10.0.0.1/',
    'http://100.64.0.1/',
    // Names that mean this machine or this network.
    'http://localhost/',
    'http://LOCALHOST/',
    'http://localhost./',
    'http://app.localhost/',
    'http://redis/',
    'http://router.local/',
    'http://metadata.google.internal/',
    'http://nas.home.arpa/',
  ])('refuses %s', (text) => {
    expect(() => egressUrl(text, development)).toThrow(/public address/);
  });

  it.each([22, 25, 53, 81, 110, 445, 1_023])('refuses port %i', (port) => {
    expect(() => egressUrl(`https://example.com:${port}/`, development)).toThrow(/port 80, 443/);
  });

  it('says no in the contract’s words', () => {
    expect(() => egressUrl('http://127.0.0.1/', development)).toThrow(
      expect.objectContaining({ code: 'url_not_allowed', constructor: EgressUrlError }),
    );
  });

  it.each([
    'http://n8n.internal:5678/webhook',
    'http://N8N.INTERNAL/',
    'http://10.1.2.3:81/',
    'http://0xa.1.2.3/',
    'http://192.168.7.7/',
    'http://[fd00:1::5]/',
    'http://hooks.example.com:81/',
  ])('takes %s where the operator allows it, in production too', (text) => {
    expect(egressUrl(text, { allow: own, isProduction: true })).toBeInstanceOf(URL);
  });

  it.each([
    'http://sub.n8n.internal/',
    'http://n8n.internal.example.com/',
    'https://10.1.3.1/',
    'https://192.168.7.8/',
    'https://[::ffff:10.1.2.3]/',
    'https://[fd00:2::5]/',
    'ftp://n8n.internal/',
    'http://user:secret@n8n.internal/',
  ])('still refuses %s', (text) => {
    expect(() => egressUrl(text, { allow: own, isProduction: true })).toThrow(EgressUrlError);
  });
});
