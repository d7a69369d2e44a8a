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

const button = (name: string | RegExp) => visit.page.getByRole('button', { name });
const saved = () => visit.page.getByText('Saved').first().waitFor();

async function settings(): Promise<Record<string, unknown>> {
  const path = `/api/organizations/${organizationId}/settings`;
  return (await service.call<{ settings: Record<string, unknown> }>('GET', path)).settings;
}

const changeSettings = (change: object) =>
  service.call('PATCH', `/api/organizations/${organizationId}/settings`, change);

it('says where the business is, how it speaks and what opens a booking', async () => {
  const { page } = visit;
  await visit.open('/settings/business');
  await page.getByLabel('Time zone').fill('Nowhere/City');
  await button('Save').click();
  await page.getByText('Choose a time zone from the list.').waitFor();
  await page.getByLabel('Time zone').fill('America/Sao_Paulo');
  await page.getByLabel('Add a language').selectOption('pt-BR');
  await page.getByLabel('Add a language').selectOption('es');
  await button('Make Brazilian Portuguese the first one').click();
  await page.getByLabel('What opens a booking').selectOption('off');
  await button('Save').click();
  await saved();
  expect(await settings()).toMatchObject({
    time_zone: 'America/Sao_Paulo',
    booking_policy: 'off',
    languages: ['pt-BR', expect.anything(), 'es'],
  });
});

it('keeps services by their id, adds some and takes some away', async () => {
  const { page } = visit;
  await changeSettings({
    services: [
      { name: 'Haircut', duration_minutes: 45, price: 'R$ 60' },
      { name: 'Beard', duration_minutes: 20 },
    ],
  });
  const [haircut] = (await settings())['services'] as { id: string }[];
  await visit.open('/settings/services');
  await button('Remove Beard').click();
  await button('Add a service').click();
  await page.getByRole('textbox', { name: 'Service' }).last().fill('Colour');
  await page.getByRole('textbox', { name: 'Minutes' }).last().fill('0');
  await button('Save').click();
  await page.getByText('is a whole number of minutes').waitFor();
  await page.getByRole('textbox', { name: 'Minutes' }).last().fill('90');
  await button('Save').click();
  await saved();
  expect((await settings())['services']).toEqual([
    { id: haircut!.id, name: 'Haircut', duration_minutes: 45, price: 'R$ 60' },
    { id: expect.any(String), name: 'Colour', duration_minutes: 90, price: null },
  ]);
});

it('sets opening hours with a break, and a holiday', async () => {
  const { page } = visit;
  await visit.open('/settings/hours');
  await page.getByLabel('Always open').uncheck();
  const monday = page.getByRole('group', { name: 'Monday' });
  await monday.getByLabel('Monday: closes').fill('12:00');
  await monday.getByRole('button', { name: /Add hours/ }).click();
  await monday.getByLabel('Monday: opens').last().fill('11:00');
  await button('Save').click();
  await page.getByText('Hours of the same day overlap.').waitFor();
  await monday.getByLabel('Monday: opens').last().fill('13:00');
  await monday.getByLabel('Monday: closes').last().fill('00:00');
  for (const day of ['Tuesday', 'Wednesday', 'Thursday', 'Friday']) {
    await button(`Remove 09:00 to 18:00 on ${day}`).click();
  }
  await button('Add a date').click();
  await page.getByLabel('Date').fill('2031-12-25');
  await button('Save').click();
  await saved();
  expect((await settings())['office_hours']).toEqual({
    weekly: [
      { day: 'monday', opens: '09:00', closes: '12:00' },
      { day: 'monday', opens: '13:00', closes: '24:00' },
    ],
    exceptions: [{ date: '2031-12-25', intervals: [] }],
  });
});

it('writes automatic replies in each language, and shows how they look', async () => {
  const { page } = visit;
  await changeSettings({ languages: ['en', 'es'] });
  await visit.open('/settings/replies');
  const first = page.getByRole('group', { name: 'First message of a contact' });
  await first.getByLabel('Write it').check();
  await button('Save').click();
  await page.getByText('the text in English is missing').waitFor();
  await first.getByLabel('Text in English').fill('Hello ');
  await first.getByRole('button', { name: 'Name of the contact' }).first().click();
  await first.getByText('Hello Ana', { exact: true }).waitFor();
  await first.getByLabel('Text in Spanish').fill('Hola {{nobody}}');
  await button('Save').click();
  await page.getByText('nothing is known that would stand for {{nobody}}').waitFor();
  await first.getByLabel('Text in Spanish').fill('Hola {{contact_name}}');
  await button('Save').click();
  await saved();
  expect((await settings())['automatic_replies']).toEqual({
    first_message: { enabled: true, texts: { en: 'Hello {{contact_name}}', es: 'Hola {{contact_name}}' } },
  });
});

it('keeps what was written where somebody else changes the settings meanwhile', async () => {
  const { page } = visit;
  await visit.open('/settings/numbers');
  await page.getByLabel('Messages in groups').selectOption('store');
  await changeSettings({ history: 'contacts', groups: 'ignore', booking_policy: 'off' });
  await button('Save').click();
  await page.getByText('Somebody else changed the settings while you were writing.').waitFor();
  expect(await visit.accessibilityFaults()).toEqual([]);
  await button('Show theirs').click();
  await expect.poll(() => page.getByLabel('Messages of the time before').inputValue()).toBe('contacts');
  await page.getByLabel('Messages in groups').selectOption('store');
  await button('Save').click();
  await saved();
  expect(await settings()).toMatchObject({ history: 'contacts', groups: 'store', booking_policy: 'off' });
});

it('asks before less is kept than before', async () => {
  const { page } = visit;
  await visit.open('/settings/retention');
  await page.getByLabel('That something was delivered').fill('44');
  await button('Save').click();
  await page.getByText('a whole number of days, 45 at least').waitFor();
  await page.getByLabel('That something was delivered').fill('90');
  await page.getByLabel('Messages, with their files').fill('365');
  await button('Save').click();
  await button('Keep less').click();
  await saved();
  const path = `/api/organizations/${organizationId}/retention`;
  expect((await service.call<{ retention: object }>('GET', path)).retention).toMatchObject({
    messages_days: 365,
    inbox_days: 90,
  });
});

it('gives a calendar an address that shows bookings, and ends it', async () => {
  const { page } = visit;
  await visit.open('/settings/calendars');
  await page.getByLabel('For whom or what').fill("Ana's phone");
  await button('Create an address').click();
  const address = page.getByRole('region', { name: 'Address of the calendar' });
  await address.waitFor();
  const url = (await address.textContent())!;
  expect(await (await fetch(url)).text()).toContain('BEGIN:VCALENDAR');
  await button("New address Ana's phone").click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'New address' }).click();
  await expect.poll(() => address.textContent()).not.toBe(url);
  const next = (await address.textContent())!;
  expect((await fetch(url)).status).toBe(404);
  await button("Remove Ana's phone").click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('No calendar yet.').waitFor();
  expect((await fetch(next)).status).toBe(404);
});

it('adds a member, changes the role and removes the member', async () => {
  const { page } = visit;
  const user = randomUUID();
  await visit.open('/settings/team');
  await page.getByText('Nobody signs in here as a user yet.').waitFor();
  await page.getByLabel('Code of the person').fill('nobody');
  await button('Invite').click();
  await page.getByText('This is no such code.').waitFor();
  await page.getByLabel('Code of the person').fill(user);
  await page.getByLabel('Role', { exact: true }).selectOption('owner');
  await button('Invite').click();
  await page.getByLabel(`Role of ${user}`).selectOption('viewer');
  await page.getByText('Role changed').first().waitFor();
  const path = `/api/organizations/${organizationId}/members`;
  expect((await service.call<{ members: object[] }>('GET', path)).members).toMatchObject([
    { user_id: user, role: 'viewer' },
  ]);
  await button(`Remove ${user}`).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('Nobody signs in here as a user yet.').waitFor();
});

it('renames the business, wherever its name stands', async () => {
  const { page } = visit;
  await visit.open('/settings/business');
  await page.getByLabel('What the business is called').fill('Clínica Lua');
  await button('Rename').click();
  await page.getByRole('button', { name: /Clínica Lua/ }).waitFor();
});

it('shows those who may only read the team, and nothing to change', async () => {
  const required = await ConsoleService.start({
    AUTH_MODE: 'required',
    HOST: '127.0.0.1',
    ADMIN_API_KEY: 'an-administrators-key-that-is-long-enough',
  });
  const admin = 'an-administrators-key-that-is-long-enough';
  await required.call('POST', '/api/organizations', { id: 'org_1', name: 'Clínica Sol' }, admin);
  const { key } = await required.call<{ key: string }>(
    'POST',
    '/api/organizations/org_1/api-keys',
    { name: 'Reader', scopes: ['read'] },
    admin,
  );
  await required.call('PUT', `/api/organizations/org_1/members/${randomUUID()}`, { role: 'agent' }, admin);
  const reader = await Visit.begin(browser, required.url);
  await reader.open('/');
  await reader.page.getByRole('textbox', { name: 'Access key' }).fill(key);
  await reader.page.getByRole('button', { name: 'Sign in' }).click();
  await reader.page.getByRole('link', { name: 'Settings' }).click();
  await reader.page.getByText('Agent', { exact: true }).waitFor();
  expect(
    await reader.page.getByRole('navigation', { name: 'Parts of the settings' }).getByRole('link').count(),
  ).toBe(1);
  expect(await reader.page.getByRole('button', { name: /Remove|Invite/ }).count()).toBe(0);
  await reader.end();
  await required.stop();
});
