import { describe, expect, it } from 'vitest';
import { mediaAddress } from './media-address.js';

describe('mediaAddress', () => {
  it.each([
    [
      { directPath: '/v/t62.7118-24/1.enc?ccb=11&oh=x' },
      'https://mmg.whatsapp.net/v/t62.7118-24/1.enc?ccb=11&oh=x',
    ],
    [{ directPath: '/v/1', url: 'https://evil.example/' }, 'https://mmg.whatsapp.net/v/1'],
    [
      { url: 'https://media-gru1-1.cdn.whatsapp.net/v/1?a=b' },
      'https://media-gru1-1.cdn.whatsapp.net/v/1?a=b',
    ],
  ])('takes %j', (place, address) => {
    expect(mediaAddress(place).href).toBe(address);
  });

  it.each([
    {},
    { directPath: '', url: '' },
    { directPath: '//evil.example/x' },
    { directPath: '/\\evil.example/x' },
    { directPath: 'https://evil.example/x' },
    { directPath: 'v/1' },
    { directPath: '/' },
    { url: 'http://mmg.whatsapp.net/v/1' },
    { url: 'https://mmg.whatsapp.net:8443/v/1' },
    { url: 'https://user:x@mmg.whatsapp.net/v/1' },
    { url: 'https://whatsapp.net/v/1' },
    { url: 'https://mmg.whatsapp.net.evil.example/v/1' },
    { url: 'https://evilwhatsapp.net/v/1' },
    { url: 'https://169.254.169.254/latest' },
    { url: 'file:///etc/passwd' },
    { url: 'not a url' },
  ])('refuses %j', (place) => {
    expect(() => mediaAddress(place)).toThrow(expect.objectContaining({ code: 'media_address_invalid' }));
  });

  it('goes nowhere but to the simulated network where there is one', () => {
    const origin = 'http://127.0.0.1:4000';

    expect(mediaAddress({ url: 'https://mmg.whatsapp.net/v/1?a=b' }, origin).href).toBe(`${origin}/v/1?a=b`);
    expect(mediaAddress({ url: 'https://evil.example/v/1' }, origin).href).toBe(`${origin}/v/1`);
    expect(mediaAddress({ directPath: '/v/1' }, origin).href).toBe(`${origin}/v/1`);
    expect(() => mediaAddress({ directPath: '//evil.example/' }, origin)).toThrow(
      expect.objectContaining({ code: 'media_address_invalid' }),
    );
  });
});
