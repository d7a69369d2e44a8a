import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import { Visit } from './support/visit.js';

let browser: Browser;
let service: ConsoleService;
let organizationId: string;
let visit: Visit;
let nextNumber = 5_511_970_000_001;

beforeAll(async () => {
  browser = await startChromium();
  service = await ConsoleService.start();
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});
beforeEach(async () => {
  organizationId = `org_${randomUUID().slice(0, 8)}`;
  await service.call('POST', '/api/organizations', { id: organizationId, name: 'Clínica Sol' });
  visit = await Visit.begin(browser, service.url, { organizationId });
});
afterEach(() => visit.end());

const aNumber = () => String(nextNumber++);
const button = (name: string) => visit.page.getByRole('button', { name });
const heading = (name: string) => visit.page.getByRole('heading', { name, exact: true });

it('adds a number, links it by a code that a phone types, and renames it', async () => {
  const number = aNumber();
  await visit.open('/numbers');
  await button('Add a number').click();
  await visit.page.getByRole('textbox', { name: 'Name' }).fill('Reception');
  await button('Continue').click();
  await button('Type a code on the phone').click();
  await button('Show the code').click();
  await visit.page.getByText('Write the number first.').waitFor();
  await visit.page.getByLabel('Phone number').fill(`+${number}`);
  await button('Show the code').click();
  await button('Copy code').waitFor();
  const shown = (await visit.page.getByText('Your code:').textContent())!.replace('Your code:', '');
  await service.phones('POST', `/phones/${number}/type-code`, { code: shown.replaceAll(' ', '') });

  await visit.page.getByText('Reception is connected').waitFor();
  await visit.page.getByText('Connected', { exact: true }).waitFor();
  await button('More about Reception').click();
  await visit.page.getByRole('menuitem', { name: 'Rename' }).click();
  await visit.page.getByRole('textbox', { name: 'Name' }).fill('Front desk');
  await button('Save').click();
  await heading('Front desk').waitFor();
});

it('says what is wrong with a phone number, in the place of it', async () => {
  await service.call('POST', '/api/whatsapp/instances', {
    organization_id: organizationId,
    instance_name: 'Shop',
  });
  await visit.open('/numbers');
  await button('Link a phone').click();
  await button('Type a code on the phone').click();
  await visit.page.getByLabel('Phone number').fill('+55 11 1');
  await button('Show the code').click();

  const field = visit.page.getByLabel('Phone number');
  await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
  expect(await visit.accessibilityFaults()).toEqual([]);
});

it('shows the moment in which a number goes off line, what to do, and links it again by QR', async () => {
  const number = aNumber();
  await service.linkedNumber(organizationId, number, 'Shop');
  await visit.open('/numbers');
  await visit.page.getByText('Connected', { exact: true }).waitFor();
  await service.phones('POST', `/phones/${number}/unlink`, {});

  await visit.page.getByText('Somebody removed the link on the phone').waitFor();
  await button('Link again').click();
  await button('Scan a QR code').click();
  await visit.page.getByRole('img', { name: 'QR code' }).waitFor();
  const { qr } = await service.call<{ qr: string }>(
    'GET',
    `/api/whatsapp/instances/${await onlyInstance()}/qr?format=json`,
  );
  await service.phones('POST', `/phones/${number}/scan`, { qr });
  await visit.page.getByText('Connected', { exact: true }).waitFor();
});

it('logs a number out and keeps it, to be linked again', async () => {
  const number = aNumber();
  await service.linkedNumber(organizationId, number, 'Shop');
  await visit.open('/numbers');
  await button('More about Shop').click();
  await visit.page.getByRole('menuitem', { name: 'Log out', exact: true }).click();
  await visit.page.getByRole('alertdialog').getByRole('button', { name: 'Log out' }).click();
  await visit.page.getByText('Shop is logged out').waitFor();
  await button('Link again').waitFor();
  await heading('Shop').waitFor();
  const { devices } = await service.phones<{ devices: unknown[] }>('GET', `/phones/${number}`);
  expect(devices).toEqual([]);
});

it('logs a number out and removes it, once somebody has said so', async () => {
  const number = aNumber();
  await service.linkedNumber(organizationId, number, 'Shop');
  await visit.open('/numbers');
  await button('More about Shop').click();
  await visit.page.getByRole('menuitem', { name: 'Log out and remove' }).click();
  await visit.page.getByRole('alertdialog').waitFor();
  await visit.page.keyboard.press('Enter'); // The focus is on the way back.
  await visit.page.getByRole('alertdialog').waitFor({ state: 'detached' });
  await heading('Shop').waitFor();

  await button('More about Shop').click();
  await visit.page.getByRole('menuitem', { name: 'Log out and remove' }).click();
  await button('Log out and remove').click();
  await heading('No number yet').waitFor();
  const { devices } = await service.phones<{ devices: unknown[] }>('GET', `/phones/${number}`);
  expect(devices).toEqual([]);
});

it('counts what came in, as it comes', async () => {
  const number = aNumber();
  const customer = aNumber();
  await service.linkedNumber(organizationId, number, 'Shop');
  await service.phones('POST', '/phones', { number: customer, name: 'Ana' });
  await visit.open('/numbers');
  await visit.page.getByRole('link', { name: 'Health Shop' }).click();
  await visit.page.getByText('None yet').waitFor();
  await visit.page.getByText('Everything that WhatsApp delivered is stored.').waitFor();
  await service.phones('POST', `/phones/${customer}/write`, { to: number, text: 'Hello' });

  await visit.page.getByText(/^(now|\d+ seconds? ago)$/).waitFor();
  await visit.page.getByText('1 received, 0 sent').waitFor();
});

it('says how much a number sends, and to how many who never wrote', async () => {
  const [number, customer, stranger] = [aNumber(), aNumber(), aNumber()];
  const id = await service.linkedNumber(organizationId, number, 'Shop');
  await service.phones('POST', '/phones', { number: customer, name: 'Ana' });
  await service.phones('POST', '/phones', { number: stranger, name: 'Bruno' });
  await service.phones('POST', `/phones/${customer}/write`, {
    to: number,
    text: 'Hello',
    acknowledged: true,
  });
  await visit.open(`/numbers/${id}`);
  const fact = (name: string) =>
    visit.page
      .locator('div', { has: visit.page.locator(`dt:text-is("${name}")`) })
      .last()
      .locator('dd');
  await expect.poll(() => fact('In the last 24 hours').textContent()).toBe('0');
  for (const to of [customer, stranger]) {
    await service.call('POST', `/api/whatsapp/instances/${id}/send`, { to, message: 'Hi!' });
  }
  await expect.poll(() => fact('In the last 24 hours').textContent()).toBe('2');
  expect(await fact('People written to').textContent()).toBe('2');
  expect(await fact('Of them, who never wrote').textContent()).toBe('1');
});

it('shows names as they were written, whatever stands in them', async () => {
  const name = '<img src=x onerror=alert(1)> "&amp; {count}';
  await service.call('POST', '/api/whatsapp/instances', {
    organization_id: organizationId,
    instance_name: name,
  });
  await visit.open('/numbers');

  await heading(name).waitFor();
  expect(await visit.page.locator('img').count()).toBe(0);
});

it('says that it is cut off, and catches up when it is not any more', async () => {
  await visit.open('/numbers');
  await heading('No number yet').waitFor();
  const { page } = visit;
  await page.context().setOffline(true);
  await page.getByText('No connection.').waitFor();
  expect(await visit.accessibilityFaults()).toEqual([]);
  await service.linkedNumber(organizationId, aNumber(), 'Meanwhile');

  await page.context().setOffline(false);
  await page.getByText('Connected again.').waitFor();
  await heading('Meanwhile').waitFor();
  await page.getByText('Connected', { exact: true }).waitFor();
});

it('speaks another language and looks dark for who chooses that, also next time', async () => {
  await visit.open('/numbers');
  await button('You and this page').click();
  await visit.page.getByRole('menuitemradio', { name: 'Español' }).click();
  await heading('Números').waitFor();
  await button('Tú y esta página').click();
  await visit.page.getByRole('menuitemradio', { name: 'Oscuro' }).click();
  await visit.page.reload();

  await heading('Números').waitFor();
  expect(await visit.page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
});

async function onlyInstance(): Promise<string> {
  const { instances } = await service.call<{ instances: { id: string }[] }>(
    'GET',
    `/api/whatsapp/instances?organization_id=${organizationId}`,
  );
  return instances[0]!.id;
}
