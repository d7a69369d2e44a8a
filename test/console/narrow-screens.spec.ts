import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import { Shop } from './support/shop.js';
import { Visit } from './support/visit.js';

const VIEWS = [
  '/bookings',
  '/bookings/calendar?show=day&day=2031-05-07',
  '/bookings/calendar?show=week&day=2031-05-07',
  '/bookings/calendar?show=month&day=2031-05-07',
  '/contacts',
  '/settings/team',
  '/settings/business',
  '/settings/services',
  '/settings/hours',
  '/settings/replies',
  '/settings/calendars',
  '/settings/numbers',
  '/settings/retention',
];

let browser: Browser;
let service: ConsoleService;
let shop: Shop;
let contactId: string;

beforeAll(async () => {
  browser = await startChromium();
  service = await ConsoleService.start();
  shop = await Shop.open(service, {
    settings: {
      languages: ['pt-BR', 'en', 'es'],
      services: [{ name: 'Coloração completa com hidratação', duration_minutes: 120, price: 'R$ 180' }],
      office_hours: { weekly: [{ day: 'monday', opens: '09:00', closes: '18:00' }], exceptions: [] },
      automatic_replies: { first_message: { enabled: true, texts: { 'pt-BR': 'Olá {{contact_name}}!' } } },
    },
  });
  contactId = (await shop.customer('Maria das Dores de Albuquerque Cavalcanti e Silva', 'x'.repeat(300))).id;
  await shop.book(contactId, {
    title: 'Donaudampfschifffahrtsgesellschaftskapitänsmütze'.repeat(3),
    starts_at: new Date('2031-05-07T09:00').toISOString(),
  });
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});

it.each(['pt-BR', 'es'] as const)('fits on a phone, whatever is long in %s', async (locale) => {
  const look = { locale, width: 360, height: 740, organizationId: shop.organizationId };
  const visit = await Visit.begin(browser, service.url, look);
  for (const path of [...VIEWS, `/contacts/${contactId}`]) {
    await visit.open(path);
    await visit.page.locator('#content :is(h2, form, ul, ol)').first().waitFor();
    expect(await visit.sidewaysScroll(), path).toBe(0);
    const wide = await visit.page.locator('#content').evaluate((main) => main.scrollWidth - main.clientWidth);
    expect(wide, path).toBe(0);
  }
  await visit.end();
});
