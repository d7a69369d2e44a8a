import { expect, it } from 'vitest';
import { takeLinkTokens } from './link-tokens.ts';

function take(hash: string) {
  const shown: string[] = [];
  const replaceState: History['replaceState'] = (_data, _unused, url) => shown.push(String(url));
  const taken = takeLinkTokens({ hash, pathname: '/whatsapp/', search: '?x=1' }, { replaceState });
  return { taken, shown };
}

it('takes the tokens of a link out of the address', () => {
  expect(
    take('#access_token=a.b.c&expires_in=3600&refresh_token=r&token_type=bearer&type=magiclink'),
  ).toEqual({
    taken: { access_token: 'a.b.c', refresh_token: 'r', expires_in: 3600 },
    shown: ['/whatsapp/?x=1'],
  });
});

it('knows a link that works no more, and takes that out of the address, too', () => {
  expect(take('#error=access_denied&error_code=otp_expired&error_description=x')).toEqual({
    taken: 'useless',
    shown: ['/whatsapp/?x=1'],
  });
});

it.each(['', '#content'])('leaves the address %j alone', (hash) => {
  expect(take(hash)).toEqual({ taken: undefined, shown: [] });
});
