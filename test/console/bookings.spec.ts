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
  shop = await Shop.open(service, {
    settings: {
      booking_policy: 'off',
      services: [{ name: 'Haircut', duration_minutes: 45, price: 'R$ 60' }],
    },
  });
  visit = await Visit.begin(browser, service.url, { organizationId: shop.organizationId });
});
afterEach(() => visit.end());

const button = (name: string | RegExp) => visit.page.getByRole('button', { name });
const column = (name: string) => visit.page.getByRole('region', { name, exact: true });
const card = (text: string) => visit.page.getByRole('button', { name: text });

it('makes a booking of a contact, with a service that says when it ends', async () => {
  const { page } = visit;
  const { id } = await shop.customer('Ana Souza');
  await visit.open('/bookings');
  await button('New booking').click();
  await button('Create booking').click();
  await page.getByText('Choose whom it is for.').waitFor();
  expect(await page.getByLabel('Contact').evaluate((field) => field === document.activeElement)).toBe(true);
  await page.getByLabel('Contact').fill('souza');
  await page.getByRole('option', { name: /Ana Souza/ }).click();
  await page.getByLabel('Service').selectOption({ label: 'Haircut (45 min)' });
  await page.getByRole('textbox', { name: 'Title' }).fill('Cut & wash');
  await page.getByLabel('Start').fill('2031-05-05T09:00');
  expect(await page.getByLabel('End').inputValue()).toBe('2031-05-05T09:45');
  await page.getByLabel('Notes').fill('Short');
  await button('Create booking').click();

  await column('Pending').getByRole('button', { name: 'Ana Souza Cut & wash' }).waitFor();
  expect(await shop.bookings()).toMatchObject([
    {
      contact_id: id,
      service: 'Haircut',
      title: 'Cut & wash',
      notes: 'Short',
      starts_at: new Date('2031-05-05T09:00').toISOString(),
      ends_at: new Date('2031-05-05T09:45').toISOString(),
      status: 'pending',
    },
  ]);
});

it('moves a booking by dragging it, and only to where it may go', async () => {
  const { page } = visit;
  await shop.book((await shop.customer('Ana')).id, { title: 'Haircut' });
  await visit.open('/bookings');
  await card('Ana Haircut').dragTo(column('Completed'));
  await card('Ana Haircut').dragTo(column('Confirmed'));
  await page.getByText('Haircut: confirmed').waitFor();
  await column('Confirmed').getByRole('button', { name: 'Ana Haircut' }).waitFor();

  expect(await shop.bookings()).toMatchObject([{ status: 'confirmed' }]);
});

it('moves a booking by keyboard, and asks before it is cancelled', async () => {
  const { page } = visit;
  await shop.book((await shop.customer('Ana')).id, { title: 'Haircut' });
  await visit.open('/bookings');
  await button('Move Haircut of Ana').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Confirm' }).waitFor();
  await page.keyboard.press('Enter');
  await column('Confirmed').getByRole('button', { name: 'Ana Haircut' }).waitFor();

  await button('Move Haircut of Ana').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Cancel booking' }).waitFor();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Keep booking', includeHidden: true }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await column('Cancelled').getByRole('button', { name: 'Ana Haircut' }).waitFor();
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  expect(await shop.bookings()).toMatchObject([{ status: 'cancelled' }]);
});

it('says kindly that somebody else moved it first, and shows where it is now', async () => {
  const { page } = visit;
  const id = await shop.book((await shop.customer('Ana')).id, { title: 'Haircut' });
  await visit.open('/bookings');
  await card('Ana Haircut').waitFor();
  // Cut off from events, the page does not know of it.
  await page.routeWebSocket(/socket\.io/, (socket) => socket.close());
  await page.route(/socket\.io/, (route) => route.abort());
  await page.reload();
  await card('Ana Haircut').waitFor();
  await shop.changeBooking(id, { status: 'confirmed' });
  await button('Move Haircut of Ana').click();
  await page.getByRole('menuitem', { name: 'Confirm' }).click();

  // It stands there twice: once to be seen, once to be read out at once.
  await page.getByText('Somebody else changed this booking a moment ago.').first().waitFor();
  await column('Confirmed').getByRole('button', { name: 'Ana Haircut' }).waitFor();
});

it('keeps what was written where somebody else changes the booking meanwhile, and lets the person choose', async () => {
  const { page } = visit;
  const id = await shop.book((await shop.customer('Ana')).id, { title: 'Haircut', notes: 'Short' });
  await visit.open('/bookings');
  await card('Ana Haircut').click();
  await page.getByRole('textbox', { name: 'Title' }).fill('My title');
  await shop.changeBooking(id, { title: 'Their title', notes: 'Their notes' });
  await button('Save').click();
  await page.getByText('Somebody else changed this booking while you were writing.').waitFor();
  expect(await visit.accessibilityFaults()).toEqual([]);
  expect(await page.getByRole('textbox', { name: 'Title' }).inputValue()).toBe('My title');
  await button('Save mine over it').click();
  await page.getByText('Saved').waitFor();

  expect(await shop.bookings()).toMatchObject([{ title: 'My title', notes: 'Their notes' }]);
});

it('shows a booking that a message opens, and one that somebody else moves, as it happens', async () => {
  const { page } = visit;
  await service.call('PATCH', `/api/organizations/${shop.organizationId}/settings`, {
    booking_policy: 'one-open',
  });
  await visit.open('/bookings');
  await page.getByRole('heading', { name: 'No booking yet' }).waitFor();
  await shop.customer('Bruno');
  await column('Pending')
    .getByRole('button', { name: /^Bruno/ })
    .waitFor();
  await shop.changeBooking(String((await shop.bookings())[0]!['id']), { status: 'confirmed' });
  await column('Confirmed')
    .getByRole('button', { name: /^Bruno/ })
    .waitFor();
});

it('shows as text whatever stands in a booking', async () => {
  const name = '<img src=x onerror=alert(1)>';
  await shop.book((await shop.customer(name)).id, { title: '{count} <script>', notes: name });
  await visit.open('/bookings');
  await card(`${name} {count} <script>`).click();
  await visit.page.getByLabel('Notes').waitFor();
  expect(await visit.page.locator('img').count()).toBe(0);
});

it('says so where an address leads to a booking that is not there', async () => {
  await visit.open('/bookings?booking=3f0c4c8e-6f0b-4d52-9a57-0d5c4f1e8b11');
  await visit.page.getByText('This booking is not there any more.').waitFor();
  await visit.page.keyboard.press('Escape');
  await visit.page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(new URL(visit.page.url()).search).toBe('');
});
