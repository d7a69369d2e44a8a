import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import { Visit } from './support/visit.js';

const ORGANIZATION = 'org_pwa';
const OWNER = '5511970400001';
const CUSTOMER = '5511970400002';

let browser: Browser;
let service: ConsoleService;
let visit: Visit;

beforeAll(async () => {
  browser = await startChromium([], 'whole');
  service = await ConsoleService.start();
  await service.call('POST', '/api/organizations', { id: ORGANIZATION, name: 'Clínica Sol' });
  await service.linkedNumber(ORGANIZATION, OWNER, 'Shop');
  await service.phones('POST', '/phones', { number: CUSTOMER, name: 'Ana' });
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});
beforeEach(async () => {
  visit = await Visit.begin(browser, service.url, { organizationId: ORGANIZATION, keepsShell: true });
});
afterEach(() => visit.end());

/** Once the browser has what it keeps. */
async function isKept(): Promise<void> {
  await visit.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
}

const keptAddresses = () =>
  visit.page.evaluate(async () => {
    const names = await caches.keys();
    const caught = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return caught.flat().map(({ url }) => new URL(url).pathname);
  });

it('can be installed: a name, pictures, an address to begin at, and a worker for it', async () => {
  await visit.open('/numbers');
  await isKept();
  const manifest = await visit.page.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]')!;
    const answer = await fetch(link.href);
    return (await answer.json()) as {
      name: string;
      icons: { sizes: string; src: string }[];
      display: string;
    };
  });
  expect(manifest).toMatchObject({ name: 'AuZap', display: 'standalone' });
  expect(manifest.icons.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(['192x192', '512x512']));
  const devtools = await visit.page.context().newCDPSession(visit.page);
  // Chromium's own word on what keeps a page from being installed; a context like that of a test is `incognito` to it.
  const { installabilityErrors: faults } = await devtools.send('Page.getInstallabilityErrors');
  expect(faults.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
});

it('keeps the shell and nothing of the API, and opens anywhere without a connection', async () => {
  await visit.open('/numbers');
  await visit.page.getByRole('heading', { name: 'Shop' }).waitFor();
  await isKept();
  const kept = await keptAddresses();
  expect(kept.length).toBeGreaterThan(5);
  expect(kept.filter((path) => path !== '/' && !/^\/assets\/[\w.-]+\.(js|css)$/.test(path))).toEqual([]);

  await visit.page.context().setOffline(true);
  await visit.open('/numbers/some-number');
  await visit.page.getByText('Connecting to the service …').waitFor({ state: 'attached' });
  await visit.page.context().setOffline(false);
  await visit.page.getByRole('heading', { name: 'Health' }).waitFor();
  expect((await keptAddresses()).some((path) => path.startsWith('/api'))).toBe(false);
});

it('does not stand between people and the documents of the API', async () => {
  await visit.open('/numbers');
  await isKept();
  await visit.page.reload();
  const answer = await visit.page.goto('/api/docs-json');
  expect(answer?.headers()['content-type']).toContain('application/json');
});

it('tells of new messages while nobody sees the page, where somebody asked for that, and not otherwise', async () => {
  const { page } = visit;
  await page.context().grantPermissions(['notifications']);
  await page.addInitScript(() => {
    Object.defineProperty(document, 'visibilityState', { get: () => window.name || 'visible' });
  });
  const shown = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      return (await registration.getNotifications()).map(({ title, body }) => ({ title, body }));
    });
  await visit.open('/integrations/events');
  await isKept();
  await page.getByText('Waiting for events …').waitFor();
  const open = async () => {
    for (const summary of await page.locator('details:not([open]) > summary').all()) {
      await summary.click();
    }
  };
  const seen = async (text: string) => {
    await service.phones('POST', `/phones/${CUSTOMER}/write`, { to: OWNER, text, acknowledged: true });
    await expect
      .poll(async () => {
        await open();
        return page.getByText(`"text": "${text}"`).count();
      })
      .toBe(1);
  };
  await page.evaluate(() => void (window.name = 'hidden'));
  await seen('Nobody asked');
  expect(await shown()).toEqual([]);

  await page.evaluate(() => void (window.name = 'visible'));
  await page.getByRole('button', { name: 'You and this page' }).click();
  await page.getByRole('menuitem', { name: 'Notify me of new messages' }).click();
  await page.getByText('You are told of new messages').waitFor();
  await seen('Somebody looks');
  expect(await shown()).toEqual([]);

  await page.evaluate(() => void (window.name = 'hidden'));
  await seen('Hello there');
  await expect.poll(shown).toEqual([{ title: 'New message from +55 11 97040-0002', body: 'Hello there' }]);
  // Of a conversation there is one at a time.
  await seen('Are you there?');
  await expect.poll(shown).toEqual([{ title: 'New message from +55 11 97040-0002', body: 'Are you there?' }]);

  await page.getByRole('button', { name: 'You and this page' }).click();
  await page.getByRole('menuitem', { name: 'Notify me no more' }).click();
  await seen('Too late');
  expect((await shown()).map(({ body }) => body)).toEqual(['Are you there?']);

  await page
    .context()
    .serviceWorkers()[0]!
    .evaluate(async () => {
      const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration };
      const [notification] = await registration.getNotifications();
      const click = { notification, waitUntil: () => undefined };
      globalThis.dispatchEvent(Object.assign(new Event('notificationclick'), click));
    });
  await page.waitForURL('**/inbox/*');
  await page.getByText('Too late').last().waitFor();
  expect(await shown()).toEqual([]);
});
