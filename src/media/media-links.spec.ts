import { expect, it } from 'vitest';
import { SecretBox } from '../common/secret-box.js';
import { MediaLinks } from './media-links.js';

const NOW = Date.parse('2026-01-31T12:00:00.000Z');
const MEDIA = {
  scope: { organizationIds: ['org_123'] },
  messageId: '1c3f0c1e-8b0c-4b57-9a55-0d0e6a1f2f11',
};
const links = new MediaLinks(new SecretBox([Buffer.alloc(32, 1)]));
const tokenOf = (url: string) => new URL(url, 'http://x').searchParams.get('token')!;
const invalid = expect.objectContaining({ code: 'media_link_invalid' }) as unknown;

it('leads to what it was made for, for an hour', () => {
  const { url, expiresAt } = links.make(MEDIA, NOW);

  expect(expiresAt.toISOString()).toBe('2026-01-31T13:00:00.000Z');
  expect(links.open(tokenOf(url), NOW)).toEqual(MEDIA);
  expect(links.open(tokenOf(url), expiresAt.getTime() - 1)).toEqual(MEDIA);
  expect(() => links.open(tokenOf(url), expiresAt.getTime())).toThrow(invalid as Error);
});

it('tells nothing of what it leads to', () => {
  const { url } = links.make(MEDIA, NOW);

  expect(Buffer.from(tokenOf(url), 'base64url').toString('latin1')).not.toContain('org_123');
});

it.each([
  ['nothing', ''],
  ['what is none', 'x'.repeat(200)],
  ['another service', tokenOf(new MediaLinks(new SecretBox([Buffer.alloc(32, 2)])).make(MEDIA, NOW).url)],
  [
    'one that was changed',
    // Not its last sign, part of which says nothing.
    tokenOf(links.make(MEDIA, NOW).url).replace(
      /^(.{40})(.)/,
      (_, start: string, sign: string) => start + (sign === 'A' ? 'B' : 'A'),
    ),
  ],
])('refuses %s', (_what, token) => {
  expect(() => links.open(token, NOW)).toThrow(invalid as Error);
});
