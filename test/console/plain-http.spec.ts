import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { freePort } from '../support/free-port.js';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import { Shop } from './support/shop.js';
import { Visit } from './support/visit.js';

const NAME = 'shop.example';

let browser: Browser;
let service: ConsoleService;
let shop: Shop;
let visit: Visit;

/** As in a shop's own network: browsers keep much of what they can do to themselves where a page comes without https from another device. */
beforeAll(async () => {
  const port = await freePort();
  browser = await startChromium([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`]);
  const origin = `http://${NAME}:${port}`;
  service = await ConsoleService.start({ PORT: String(port), HOST: '127.0.0.1', CORS_ORIGINS: origin });
  shop = await Shop.open(service);
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});
beforeEach(async () => {
  const { port } = new URL(service.url);
  visit = await Visit.begin(browser, `http://${NAME}:${port}`, { organizationId: shop.organizationId });
});
afterEach(() => visit.end());

it('answers with words and files, and makes bookings', async () => {
  const { page } = visit;
  const customer = await shop.phone('Ana');
  await customer.writes('How much is it?');
  await visit.open(`/inbox/${await customer.contactId()}`);
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await page
    .locator('input[type=file]')
    .nth(1)
    .setInputFiles({ name: 'prices.txt', mimeType: 'text/plain', buffer: Buffer.from('cut: 30') });
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('See here');
  await page.keyboard.press('Enter');
  await customer.receives(({ file }) => file?.fileName === 'prices.txt');

  await page.getByRole('article').first().hover();
  await page.getByRole('button', { name: 'What to do with this message' }).first().click();
  await page.getByRole('menuitem', { name: 'New booking' }).click();
  await page.getByRole('button', { name: 'Create booking' }).click();
  await page.getByText('Booking created').waitFor();
});

it('copies what people take elsewhere', async () => {
  const { page } = visit;
  const customer = await shop.phone('Bruno');
  await customer.writes('R. das Flores, 12');
  await visit.open(`/inbox/${await customer.contactId()}`);
  await page.getByRole('article').hover();
  await page.getByRole('button', { name: 'What to do with this message' }).click();
  await page.getByRole('menuitem', { name: 'Copy text' }).click();
  await page.getByText('Copied').waitFor();
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await box.focus();
  await page.keyboard.press('Control+V');

  await expect.poll(() => box.inputValue()).toBe('R. das Flores, 12');
});

it('names a business', async () => {
  const { page } = visit;
  await service.closeOrganizations();
  await visit.open('/');
  await page.getByLabel('Name of your business').fill('Padaria');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('What do you call this number?').waitFor();
});
