import type { Browser, Locator, Page } from 'playwright-core';
import { startChromium } from '../test/support/browser.js';
import { ConsoleService } from '../test/console/support/console-service.js';
import { Shop } from '../test/console/support/shop.js';
import type { BenchEnvironment } from './bench-environment.js';
import { type EnvironmentInfo, environmentInfo } from './environment-info.js';
import { type Spread, spreadOf } from './figures.js';

/** How long a view of the page took until it could be used, in ms, and what it read for that. */
export interface ViewFigures {
  path: string;
  /** In a browser that has never been there. */
  cold: Spread;
  /** In the same browser again: it has the files, and the service worker is there. */
  warm: Spread;
  /** JavaScript as it came over the line at the first visit. */
  scriptBytes: number;
}

export interface ConsoleReport extends EnvironmentInfo {
  customers: number;
  openings: number;
  views: ViewFigures[];
}

interface ViewToOpen {
  path: string;
  /** @returns what somebody came for: it is there, stands still and can be clicked once the view can be used */
  find: (page: Page) => Locator;
}

const CUSTOMERS = 200;
const OPENINGS = 10;
const DAY_MS = 86_400_000;

/** Opens each view of the page in Chromium again and again, as somebody with a few hundred messages would. */
export async function measureConsole(bench: BenchEnvironment): Promise<ConsoleReport> {
  const service = await ConsoleService.start();
  bench.onCleanUp(() => service.stop());
  const shop = await Shop.open(service, { numberName: 'Reception' });
  bench.say(`${CUSTOMERS} customers write and have bookings`);
  const contactId = await seed(shop);
  const browser = await startChromium();
  bench.onCleanUp(() => browser.close());
  const views: ViewFigures[] = [];
  for (const view of viewsOf(contactId)) {
    const figures = await measureView(browser, service.url, view);
    bench.say(
      `${view.path}: ${Math.round(figures.cold.median)} ms, again ${Math.round(figures.warm.median)} ms`,
    );
    views.push(figures);
  }
  return { ...environmentInfo(undefined), customers: CUSTOMERS, openings: OPENINGS, views };
}

/** @returns the contact who wrote last */
async function seed(shop: Shop): Promise<string> {
  let last = '';
  for (let number = 1; number <= CUSTOMERS; number++) {
    const { id } = await shop.customer(
      `Customer ${number}`,
      `Good morning! Do you have time at ${number % 12}?`,
    );
    await shop.book(id, { title: 'Haircut', starts_at: slot(number) });
    last = id;
  }
  return last;
}

/** @returns a time in one of the next seven days, between 8 and 20 o'clock, as a shop with two chairs has it, in ISO 8601 */
function slot(number: number): string {
  const day = new Date(Date.now() + (number % 7) * DAY_MS);
  return new Date(day.setHours(8, (Math.floor(number / 7) % 24) * 30, 0, 0)).toISOString();
}

function viewsOf(contactId: string): ViewToOpen[] {
  const customer = (role: 'link' | 'button') => (page: Page) =>
    page
      .locator('#content')
      .getByRole(role, { name: /Customer \d/ })
      .first();
  return [
    { path: '/', find: customer('link') },
    { path: '/inbox', find: customer('link') },
    { path: `/inbox/${contactId}`, find: (page) => page.getByRole('article').first() },
    { path: '/bookings', find: customer('button') },
    { path: '/bookings/calendar?show=week', find: customer('button') },
    { path: '/contacts', find: customer('link') },
    { path: `/contacts/${contactId}`, find: (page) => page.getByText('Good morning!').first() },
    { path: '/numbers', find: (page) => page.getByRole('heading', { name: 'Reception' }) },
    { path: '/settings/services', find: (page) => page.getByRole('button', { name: 'Add a service' }) },
    { path: '/integrations', find: (page) => page.getByRole('button', { name: 'Create a key' }).first() },
    { path: '/operations', find: (page) => page.getByRole('img', { name: /^Messages a minute/ }) },
    { path: '/simulator', find: customer('link') },
  ];
}

async function measureView(browser: Browser, url: string, { path, find }: ViewToOpen): Promise<ViewFigures> {
  const cold: number[] = [];
  const warm: number[] = [];
  let scriptBytes = 0;
  for (let opening = 0; opening < OPENINGS; opening++) {
    const context = await browser.newContext({ locale: 'en', baseURL: url });
    const open = async () => {
      const page = await context.newPage();
      const scripts: Promise<number>[] = [];
      page.on('requestfinished', (request) => {
        if (request.resourceType() === 'script') {
          scripts.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
        }
      });
      const startedAt = performance.now();
      await page.goto(path, { waitUntil: 'commit' });
      await find(page).click({ trial: true });
      const ms = performance.now() - startedAt;
      return { page, ms, bytes: (await Promise.all(scripts)).reduce((sum, bytes) => sum + bytes, 0) };
    };
    const first = await open();
    cold.push(first.ms);
    scriptBytes = Math.max(scriptBytes, first.bytes);
    // As text: this is run in the page, of which the types here know nothing.
    await first.page.evaluate('navigator.serviceWorker.ready.then(() => true)');
    await first.page.close();
    warm.push((await open()).ms);
    await context.close();
  }
  return {
    path: path.replace(/[0-9a-f-]{36}/, ':id'),
    cold: spreadOf(cold)!,
    warm: spreadOf(warm)!,
    scriptBytes,
  };
}
