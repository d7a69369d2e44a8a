import { describe, expect, it } from 'vitest';
import { whatsappMediaOrigin } from './whatsapp-media-origin.js';

const ROOT_KEY = 'ab'.repeat(32);

describe('whatsappMediaOrigin', () => {
  it.each<[what: string, url: string | undefined, key: string | undefined, origin: string | undefined]>([
    ['the simulated network', 'ws://127.0.0.1:4000/ws/chat', ROOT_KEY, 'http://127.0.0.1:4000'],
    ['its name', 'ws://localhost:4000/ws/chat', ROOT_KEY, 'http://localhost:4000'],
    ['its other address', 'ws://[::1]:4000/ws/chat', ROOT_KEY, 'http://[::1]:4000'],
    ['WhatsApp', undefined, undefined, undefined],
    ['a server without a root of its own', 'ws://127.0.0.1:4000/ws/chat', undefined, undefined],
    ['a server elsewhere', 'ws://10.0.0.7:4000/ws/chat', ROOT_KEY, undefined],
    ['one that only begins like this machine', 'ws://127.0.0.1.example.org/ws', ROOT_KEY, undefined],
    ['one that speaks TLS', 'wss://127.0.0.1:4000/ws/chat', ROOT_KEY, undefined],
  ])('of %s', (_what, whatsappWsUrl, whatsappRootKey, origin) => {
    expect(whatsappMediaOrigin({ whatsappWsUrl, whatsappRootKey })).toBe(origin);
  });
});
