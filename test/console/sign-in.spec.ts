import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import { FakeSupabaseAuth } from './support/supabase-auth.js';
import { Visit } from './support/visit.js';

const ADMIN = 'an-administrators-key-that-is-long-enough';
const SECRET = 'a-shared-secret-of-a-project-that-is-long-enough';
const ANON_KEY = 'sb_publishable_for_everybody_to_see';
const USER = { id: randomUUID(), email: 'ana@example.com' };
const ORGANIZATION = 'org_sign_in';

let browser: Browser;
let provider: FakeSupabaseAuth;
let service: ConsoleService;
let visit: Visit;

beforeAll(async () => {
  browser = await startChromium();
  provider = await FakeSupabaseAuth.start(SECRET, USER);
  service = await ConsoleService.start({
    AUTH_MODE: 'required',
    HOST: '127.0.0.1',
    ADMIN_API_KEY: ADMIN,
    SUPABASE_JWT_SECRET: SECRET,
    SUPABASE_JWKS_URL: provider.jwksUrl,
    SUPABASE_ANON_KEY: ANON_KEY,
    RATE_LIMIT_SIGN_IN: '1000',
  });
  await service.call('POST', '/api/organizations', { id: ORGANIZATION, name: 'Clínica Sol' }, ADMIN);
  await service.call(
    'PUT',
    `/api/organizations/${ORGANIZATION}/members/${USER.id}`,
    { role: 'viewer' },
    ADMIN,
  );
});
afterAll(async () => {
  await browser.close();
  await service.stop();
  await provider.stop();
});
beforeEach(async () => {
  provider.calls.length = 0;
  provider.lifeSeconds = 3_600;
  visit = await Visit.begin(browser, service.url);
});
afterEach(() => visit.end());

const heading = (name: string) => visit.page.getByRole('heading', { name });
const stored = () =>
  visit.page.evaluate(() => ({
    tab: sessionStorage.getItem('auzap.session'),
    local: localStorage.getItem('auzap.session'),
  }));

async function signInWithKey(key: string, stays = false): Promise<void> {
  await visit.open('/');
  await visit.page.getByRole('tab', { name: 'Access key' }).click();
  await visit.page.getByRole('textbox', { name: 'Access key' }).fill(key);
  if (stays) {
    await visit.page.getByRole('checkbox').check();
  }
  await visit.page.getByRole('button', { name: 'Sign in' }).click();
}

describe('with a key', () => {
  it('lets in whoever has one, and keeps it for the tab alone', async () => {
    await signInWithKey(ADMIN);
    await heading('Let us set this up').waitFor();

    expect(await stored()).toEqual({ tab: expect.stringContaining(ADMIN), local: null });
    expect(visit.page.url()).not.toContain(ADMIN);
    await visit.page.reload();
    await heading('Let us set this up').waitFor();
  });

  it('keeps it longer for who asks, until they sign out', async () => {
    await signInWithKey(ADMIN, true);
    await heading('Let us set this up').waitFor();
    expect(await stored()).toEqual({ tab: null, local: expect.stringContaining(ADMIN) });

    await visit.page.getByRole('button', { name: 'You and this page' }).click();
    await visit.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await heading('Welcome').waitFor();
    expect(await stored()).toEqual({ tab: null, local: null });
  });

  it('brings what waits to be stored for who wrote it alone, and nothing of it once they sign out', async () => {
    const { page } = visit;
    await signInWithKey(ADMIN);
    await heading('Let us set this up').waitFor();
    const { id } = JSON.parse((await stored()).tab!) as { id: string };
    const asked: string[] = [];
    await page.route('**/notes', async (route) => {
      asked.push(route.request().postDataJSON().text);
      await route.abort();
    });
    const waiting = () => page.evaluate(() => sessionStorage.getItem('auzap.outbox'));
    const loadWith = async (owner: string, text: string) => {
      const note = { kind: 'note', key: text, state: 'waiting', at: new Date().toISOString(), text };
      const outgoing = [{ ...note, organizationId: ORGANIZATION, contactId: randomUUID() }];
      await page.evaluate(
        (kept) => sessionStorage.setItem('auzap.outbox', kept),
        JSON.stringify({ owner, outgoing }),
      );
      await page.reload();
    };
    await loadWith('somebody else', 'Not mine');
    await expect.poll(waiting).toBeNull();
    await loadWith(id, 'Mine');
    await expect.poll(() => asked).toContain('Mine');

    await page.getByRole('button', { name: 'You and this page' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await heading('Welcome').waitFor();
    expect(await waiting()).toBeNull();
    expect(asked).not.toContain('Not mine');
  });

  it('says that a key does not work, where it stands', async () => {
    await signInWithKey('not a key at all ñ');
    await visit.page.getByText('This key does not work').waitFor();

    expect(await visit.page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('key');
    expect(await visit.accessibilityFaults()).toEqual([]);
  });

  it('ends with the key', async () => {
    const { api_key, key } = await service.call<{ api_key: { id: string }; key: string }>(
      'POST',
      `/api/organizations/${ORGANIZATION}/api-keys`,
      { name: 'Counter', scopes: ['read', 'send', 'manage'] },
      ADMIN,
    );
    await signInWithKey(key);
    await heading('Let us set this up').waitFor();
    await service.call(
      'DELETE',
      `/api/organizations/${ORGANIZATION}/api-keys/${api_key.id}`,
      undefined,
      ADMIN,
    );

    await visit.open('/numbers');
    await visit.page.getByText('You were signed out').waitFor();
  });

  it('shows no simulated phones to who may not move them, and nothing of operations', async () => {
    const { key } = await service.call<{ key: string }>(
      'POST',
      `/api/organizations/${ORGANIZATION}/api-keys`,
      { name: 'Owner', scopes: ['read', 'send', 'manage'] },
      ADMIN,
    );

    const response = await fetch(`${service.url}/api/simulator/phones`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(response.status).toBe(403);
    expect((await fetch(`${service.url}/api/simulator/phones`)).status).toBe(401);
  });
});

describe('as a user', () => {
  it('signs in with e-mail and password, by the service alone, and sees no more than a viewer may', async () => {
    await visit.open('/');
    await visit.page.getByLabel('E-mail').last().fill(USER.email);
    await visit.page.getByRole('textbox', { name: 'Password' }).fill('wrong');
    await visit.page.getByRole('button', { name: 'Sign in' }).click();
    await visit.page.getByText('E-mail or password is not right').waitFor();
    await visit.page.getByRole('textbox', { name: 'Password' }).fill(provider.password);
    await visit.page.getByRole('button', { name: 'Sign in' }).click();

    await visit.page.getByRole('link', { name: 'Numbers' }).click();
    await heading('Numbers').waitFor();
    await visit.page.getByText('Whoever manages this business adds the first one.').waitFor();
    expect(await visit.page.getByRole('button', { name: 'Add a number' }).count()).toBe(0);
    expect(provider.calls.at(-1)).toMatchObject({
      path: '/auth/v1/token?grant_type=password',
      headers: { apikey: ANON_KEY, 'sb-forwarded-for': '127.0.0.1' },
    });
  });

  it('goes on with a new token when the old one ends', async () => {
    provider.lifeSeconds = 1;
    await visit.open('/');
    await visit.page.getByLabel('E-mail').last().fill(USER.email);
    await visit.page.getByRole('textbox', { name: 'Password' }).fill(provider.password);
    await visit.page.getByRole('button', { name: 'Sign in' }).click();
    await expect
      .poll(() => provider.calls.map(({ path }) => path))
      .toContain('/auth/v1/token?grant_type=password');
    provider.lifeSeconds = 3_600;
    await heading('Inbox').waitFor();

    await visit.page.reload();
    await heading('Inbox').waitFor();
    expect(provider.calls.map(({ path }) => path)).toContain('/auth/v1/token?grant_type=refresh_token');
  });

  it('takes the tokens of a link by e-mail out of the address at once', async () => {
    await visit.open('/');
    await visit.page.getByRole('tab', { name: 'E-mail link' }).click();
    await visit.page.getByLabel('E-mail').last().fill(USER.email);
    await visit.page.getByRole('button', { name: 'Send me a link' }).click();
    await visit.page.getByText('Look into your e-mail').waitFor();
    const { path, body } = provider.calls.at(-1)!;
    expect(body).toEqual({ email: USER.email, create_user: false });
    const redirect = new URL(path, service.url).searchParams.get('redirect_to')!;
    expect(redirect).toBe(`${service.url}/`);

    const { access_token, refresh_token, expires_in } = provider.session();
    const fragment = new URLSearchParams({
      access_token,
      refresh_token,
      expires_in: String(expires_in),
      type: 'magiclink',
    });
    await visit.page.goto('about:blank');
    await visit.open(`${redirect}#${fragment}`);
    await heading('Inbox').waitFor();
    expect(visit.page.url()).not.toContain('access_token');
    await visit.page.goBack();
    await visit.page.goForward();
    expect(visit.page.url()).not.toContain('access_token');
  });

  it('says of a link that is used up what to do', async () => {
    await visit.open('/#error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid');
    await visit.page.getByText('The link is used up or too old').waitFor();
    expect(visit.page.url()).toBe(`${service.url}/`);
  });

  it('has the session ended where it began, too', async () => {
    await visit.open('/');
    await visit.page.getByLabel('E-mail').last().fill(USER.email);
    await visit.page.getByRole('textbox', { name: 'Password' }).fill(provider.password);
    await visit.page.getByRole('button', { name: 'Sign in' }).click();
    await heading('Inbox').waitFor();
    await visit.page.getByRole('button', { name: 'You and this page' }).click();
    await visit.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await heading('Welcome').waitFor();

    await expect.poll(() => provider.calls.at(-1)?.path).toBe('/auth/v1/logout?scope=local');
  });
});

describe('the service between the page and the provider', () => {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${service.url}/api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  it('tells nobody who has an account', async () => {
    const known = await post('sign-in/magic-link', { email: USER.email });
    const unknown = await post('sign-in/magic-link', { email: 'nobody@example.com' });

    expect([known.status, unknown.status]).toEqual([200, 200]);
    expect(await unknown.json()).toEqual(await known.json());
  });

  it('has no link lead to another page', async () => {
    await post('sign-in/magic-link', { email: USER.email }, { origin: 'https://evil.example' });
    expect(provider.calls.some(({ path }) => path.includes('evil'))).toBe(false);
  });

  it.each([
    ['email', { email: 'no address', password: 'x' }],
    ['password', { email: USER.email }],
    ['role', { email: USER.email, password: 'x', role: 'admin' }],
  ])('hands nothing on where %s is wrong', async (path, body) => {
    const answer = await post('sign-in/password', body);

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ details: [{ path }] });
    expect(provider.calls).toEqual([]);
  });

  it('answers a refresh token that was used with 401', async () => {
    const { refresh_token } = provider.session();
    expect((await post('sign-in/refresh', { refresh_token })).status).toBe(200);
    const again = await post('sign-in/refresh', { refresh_token });

    expect(again.status).toBe(401);
    expect(await again.json()).toMatchObject({ code: 'sign_in_refused' });
  });

  it.each([
    [500, 503, 'sign_in_unavailable'],
    [429, 429, 'sign_in_limited'],
  ])('says of a provider that answers %i that it is not the person', async (broken, status, code) => {
    provider.broken = broken;
    const answer = await post('sign-in/password', { email: USER.email, password: provider.password });
    provider.broken = undefined;

    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code });
  });

  it('waits for no provider for ever', async () => {
    provider.broken = 'hang';
    const answer = await post('sign-in/password', { email: USER.email, password: provider.password });
    provider.broken = undefined;

    expect(answer.status).toBe(503);
  });

  it('writes neither passwords nor tokens into its log', () => {
    expect(service.service.output).not.toContain(provider.password);
    expect(service.service.output).not.toContain('refresh-');
  });
});
