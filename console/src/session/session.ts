import { randomId } from '../api/random-id.ts';
import { BASE } from '../app/base.ts';
import { store } from '../app/store.ts';
import { takeLinkTokens } from './link-tokens.ts';
import type { UserSession } from './user-session.ts';

const KEY = 'auzap.session';
/** A token is renewed so long before its end. */
const EARLY_MS = 60_000;
const TIMEOUT_MS = 15_000;

/** How somebody is signed in: not at all, or with a key, or as a user whose token is renewed. */
export type Credentials =
  | { kind: 'none' }
  | { kind: 'api_key'; token: string }
  | { kind: 'user'; token: string; refreshToken: string; renewAt: number };

/**
 * Who is signed in at this page. Tokens are in memory and in the tab's storage, which ends with it; only who asks to stay signed in has
 * them in the browser's. They are never part of an address.
 */
class Session {
  private current: Credentials;
  private isKept = false;
  private renewing: Promise<string | undefined> | undefined;
  private readonly listeners = new Set<() => void>();
  private currentId = '';
  /** Whether the session ended by itself, so that the page can say so. */
  hasExpired = false;
  /** Whether somebody came by a link that does not work any more. */
  readonly hasBadLink: boolean;

  constructor() {
    this.current = this.read();
    const linked = takeLinkTokens(location, history);
    this.hasBadLink = linked === 'useless';
    // Who is signed in stays who they are: a link that somebody else sent must not make another person of them.
    if (linked !== undefined && linked !== 'useless' && this.current.kind === 'none') {
      this.current = toCredentials(linked);
      this.currentId = randomId();
      this.write();
    }
    // Another tab renewed the token, or signed out: a refresh token works once.
    addEventListener('storage', ({ key }) => {
      if (key === KEY && this.isKept) {
        this.current = this.read();
        this.tell();
      }
    });
  }

  get credentials(): Credentials {
    return this.current;
  }

  /**
   * Which session it is: another one after each signing in and out, the same when a token is renewed or the page is loaded again. Empty
   * while nobody is signed in.
   */
  get id(): string {
    return this.currentId;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): Credentials => this.current;

  signIn(credentials: Credentials, staysSignedIn: boolean): void {
    this.isKept = staysSignedIn;
    this.hasExpired = false;
    this.currentId = randomId();
    this.current = credentials;
    this.write();
    this.tell();
  }

  signInUser(user: UserSession, staysSignedIn: boolean): void {
    this.signIn(toCredentials(user), staysSignedIn);
  }

  /** Forgets the tokens here, and has a user's be worthless from now on. */
  async signOut(): Promise<void> {
    const { current } = this;
    this.end(false);
    if (current.kind === 'user') {
      await post('api/sign-out', {}, current.token).catch(() => undefined);
    }
  }

  /** @returns the token to call with; undefined where there is none */
  async token(): Promise<string | undefined> {
    const { current } = this;
    if (current.kind === 'user' && current.renewAt < Date.now()) {
      return (await this.renew(current.token)) ?? current.token;
    }
    return current.kind === 'none' ? undefined : current.token;
  }

  /**
   * @param refused the token that is worthless
   * @returns another one; undefined where there is none, and the session is over
   */
  async renew(refused: string): Promise<string | undefined> {
    const { current } = this;
    if (current.kind === 'none') {
      return undefined;
    }
    if (current.token !== refused) {
      return current.token;
    }
    if (current.kind === 'api_key') {
      this.end(true);
      return undefined;
    }
    this.renewing ??= this.refresh(current.refreshToken).finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  private async refresh(refreshToken: string): Promise<string | undefined> {
    const response = await post('api/sign-in/refresh', { refresh_token: refreshToken }).catch(
      () => undefined,
    );
    if (response?.ok) {
      const { session: renewed } = (await response.json()) as { session: UserSession };
      this.current = toCredentials(renewed);
      this.write();
      this.tell();
      return renewed.access_token;
    }
    if (response?.status === 401) {
      this.end(true);
    }
    return undefined;
  }

  private end(hasExpired: boolean): void {
    this.current = { kind: 'none' };
    this.currentId = '';
    this.hasExpired = hasExpired;
    store.remove(KEY);
    store.remove(KEY, 'tab');
    this.tell();
  }

  private read(): Credentials {
    const kept = store.get(KEY);
    this.isKept = kept !== null;
    const { id, credentials } = toSession(kept ?? store.get(KEY, 'tab'));
    this.currentId = id;
    return credentials;
  }

  private write(): void {
    const kept = JSON.stringify({ ...this.current, id: this.currentId });
    store.set(KEY, kept, this.isKept ? 'local' : 'tab');
    store.remove(KEY, this.isKept ? 'tab' : 'local');
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }
}

function toSession(kept: string | null): { id: string; credentials: Credentials } {
  try {
    const { id = '', ...credentials } = JSON.parse(kept ?? '') as Credentials & { id?: string };
    return { id, credentials };
  } catch {
    return { id: '', credentials: { kind: 'none' } };
  }
}

function toCredentials({ access_token, refresh_token, expires_in }: UserSession): Credentials {
  return {
    kind: 'user',
    token: access_token,
    refreshToken: refresh_token,
    // Of a life that is short the half.
    renewAt: Date.now() + Math.max(expires_in * 1_000 - EARLY_MS, expires_in * 500),
  };
}

/** Without the client of the API, which asks the session for its token. */
function post(path: string, body: unknown, token?: string): Promise<Response> {
  return fetch(new URL(path, BASE), {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

export const session = new Session();
