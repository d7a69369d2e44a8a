import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import { Shop } from './support/shop.js';
import { Visit } from './support/visit.js';

let browser: Browser;
let service: ConsoleService;
let shop: Shop;
let visit: Visit;

beforeAll(async () => {
  browser = await startChromium();
  service = await ConsoleService.start();
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});
beforeEach(async () => {
  shop = await Shop.open(service, { settings: { booking_policy: 'off' } });
  visit = await Visit.begin(browser, service.url, { organizationId: shop.organizationId });
});
afterEach(() => visit.end());

const button = (name: string | RegExp) => visit.page.getByRole('button', { name });
const at = (time: string) => new Date(time).toISOString();
const day = (name: string) => visit.page.getByRole('region', { name, exact: true });

it('shows a booking on its day and at its time: in the week, the day and the month', async () => {
  const { page } = visit;
  await shop.book((await shop.customer('Ana')).id, {
    title: 'Haircut',
    starts_at: at('2031-05-07T09:00'),
    ends_at: at('2031-05-07T10:00'),
  });
  await visit.open('/bookings/calendar?show=week&day=2031-05-05');
  await day('May 7, 2031').getByRole('button', { name: '9:00 AM Ana · Haircut' }).waitFor();
  await button('Wed 7').or(button('7 Wed')).click();
  await page.getByRole('heading', { name: 'Wednesday, May 7, 2031' }).waitFor();
  await button('9:00 AM Ana · Haircut').waitFor();
  await button('Later').click();
  await page.getByRole('heading', { name: 'Thursday, May 8, 2031' }).waitFor();
  await button('9:00 AM Ana · Haircut').waitFor({ state: 'detached' });
  await page.getByText('Month', { exact: true }).click();
  await button('May 7, 2031: 1 booking').waitFor();
  await button('9:00 AM Ana · Haircut').click();
  expect(await page.getByLabel('Start').inputValue()).toBe('2031-05-07T09:00');
});

it('goes through the calendar by keyboard alone, and opens a booking', async () => {
  const { page } = visit;
  await shop.book((await shop.customer('Ana')).id, {
    title: 'Haircut',
    starts_at: at('2031-05-14T09:00'),
  });
  await visit.open('/bookings/calendar?show=week&day=2031-05-05');
  await button('Later').focus();
  await page.keyboard.press('Enter');
  const entry = button('9:00 AM Ana · Haircut');
  await entry.waitFor();
  await expect
    .poll(async () => {
      await page.keyboard.press('Tab');
      return entry.evaluate((element) => element === document.activeElement);
    })
    .toBe(true);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await entry.evaluate((element) => element === document.activeElement)).toBe(true);
});

it('moves a booking to another time by dragging, and it takes as long as before', async () => {
  const { page } = visit;
  await shop.book((await shop.customer('Ana')).id, {
    title: 'Haircut',
    starts_at: at('2031-05-07T09:00'),
    ends_at: at('2031-05-07T10:15'),
  });
  await visit.open('/bookings/calendar?show=week&day=2031-05-05');
  const entry = button('9:00 AM Ana · Haircut');
  await entry.waitFor();
  const eleven = day('May 8, 2031').locator('button[tabindex="-1"]').nth(11);
  await entry.dragTo(eleven, { targetPosition: { x: 20, y: 5 } });
  await day('May 8, 2031').getByRole('button', { name: '11:00 AM Ana · Haircut' }).waitFor();
  await page.getByText('Saved').first().waitFor();

  expect(await shop.bookings()).toMatchObject([
    { starts_at: at('2031-05-08T11:00'), ends_at: at('2031-05-08T12:15') },
  ]);
});

it('makes a booking where somebody clicks, and shows it there', async () => {
  const { page } = visit;
  await shop.customer('Bruno');
  await visit.open('/bookings/calendar?show=day&day=2031-05-07');
  const ten = day('May 7, 2031').locator('button[tabindex="-1"]').nth(10);
  await ten.click({ position: { x: 20, y: 50 } });
  expect(await page.getByLabel('Start').inputValue()).toBe('2031-05-07T10:30');
  await page.getByLabel('Contact').fill('bruno');
  await page.getByRole('option', { name: /Bruno/ }).click();
  await button('Create booking').click();
  await button('10:30 AM Bruno').waitFor();
});

it('leaves out cancelled bookings until somebody wants to see them', async () => {
  const { page } = visit;
  const id = await shop.book((await shop.customer('Ana')).id, { starts_at: at('2031-05-07T09:00') });
  await shop.book((await shop.customer('Bruno')).id, { starts_at: at('2031-05-07T11:00') });
  await shop.changeBooking(id, { status: 'cancelled' });
  await visit.open('/bookings/calendar?show=day&day=2031-05-07');
  await button('11:00 AM Bruno').waitFor();
  expect(await button('9:00 AM Ana').count()).toBe(0);
  await page.getByLabel('Show cancelled ones').check();
  await button('9:00 AM Ana (Cancelled)').waitFor();
});

it('says so where the business has another time than the device', async () => {
  const { page } = visit;
  await service.call('PATCH', `/api/organizations/${shop.organizationId}/settings`, {
    time_zone: 'Pacific/Kiritimati',
  });
  await visit.open('/bookings/calendar');
  await page.getByText('The business is in Pacific/Kiritimati.').waitFor();
});
