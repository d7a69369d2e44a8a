import type { UserSession } from './user-session.ts';

/**
 * Takes what a link that came by e-mail brought in the fragment of the address, which no server sees, and removes it from there at once,
 * from the browser's history too.
 * @returns undefined where there is nothing; `useless` where the link was used up or too old
 */
export function takeLinkTokens(
  location: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState'>,
): UserSession | 'useless' | undefined {
  const fields = new URLSearchParams(location.hash.slice(1));
  if (!fields.has('access_token') && !fields.has('error_code')) {
    return undefined;
  }
  history.replaceState(null, '', location.pathname + location.search);
  const [accessToken, refreshToken] = [fields.get('access_token'), fields.get('refresh_token')];
  if (accessToken === null || refreshToken === null) {
    return 'useless';
  }
  const expiresIn = Number(fields.get('expires_in'));
  return {
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: Number.isFinite(expiresIn) ? expiresIn : 0,
  };
}
