import { readFile } from 'node:fs/promises';
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
const heading = (name: string) => visit.page.getByRole('heading', { name, exact: true });
const menuItem = (name: string) => visit.page.getByRole('menuitem', { name });

it('finds a contact by a part of its name, and shows what happened with it', async () => {
  const { page } = visit;
  const ana = await shop.customer('Ana Souza', 'Do you have time on Friday?');
  await shop.customer('Bruno Lima');
  await shop.book(ana.id, { title: 'Haircut' });
  await visit.open('/contacts');
  await page.getByRole('link', { name: /Bruno Lima/ }).waitFor();
  await page.getByLabel('Search by name or number').fill('SOUZA');
  await page.getByRole('link', { name: /Bruno Lima/ }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: /Ana Souza/ }).click();

  await heading('Ana Souza').waitFor();
  await page.getByText('Do you have time on Friday?').waitFor();
  await page.getByRole('link', { name: 'Haircut' }).waitFor();
  await page.getByText('Notes', { exact: true }).click();
  await page.getByText('Nothing here yet').waitFor();
  await page.getByText('All', { exact: true }).click();
  await shop.writes(ana.number, 'Or on Saturday?');
  await page.getByText('Or on Saturday?').waitFor();
});

it('holds few of many contacts in the document, and shows the last one', async () => {
  const { page } = visit;
  const names = Array.from({ length: 130 }, (_, place) => `Contact ${String(place).padStart(3, '0')}`);
  await page.route('**/api/contacts?*', (route) => {
    const cursor = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
    const contacts = names.slice(cursor, cursor + 100).map((name, place) => ({
      id: `00000000-0000-4000-8000-${String(cursor + place).padStart(12, '0')}`,
      organization_id: shop.organizationId,
      phone_number: '5521960000000',
      lid: null,
      name,
      name_source: 'person',
      last_message_at: null,
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
      merged_into: null,
    }));
    const next_cursor = cursor === 0 ? '100' : null;
    return route.fulfill({ json: { success: true, contacts, next_cursor, previous_cursor: null } });
  });
  await visit.open('/contacts');
  await page.getByRole('link', { name: /Contact 000/ }).waitFor();
  expect(await page.getByRole('link', { name: /Contact \d/ }).count()).toBeLessThan(60);
  await page.getByRole('link', { name: /Contact 000/ }).hover();
  await expect
    .poll(async () => {
      await page.mouse.wheel(0, 4_000);
      return page.getByRole('link', { name: /Contact 129/ }).isVisible();
    })
    .toBe(true);
});

it('renames a contact, and says so where somebody else just did', async () => {
  const { page } = visit;
  const { id } = await shop.customer('Ana');
  await visit.open(`/contacts/${id}`);
  await button('More about Ana').click();
  await menuItem('Rename').click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Ana from the corner');
  await service.call('PATCH', `/api/contacts/${id}`, {
    organization_id: shop.organizationId,
    name: 'Ana Souza',
  });
  await button('Save').click();
  await page.getByText('Somebody else called this contact “Ana Souza” a moment ago.').waitFor();
  await button('Save mine over it').click();
  await heading('Ana from the corner').waitFor();
});

it('says so, too, where somebody else names a contact at the same moment', async () => {
  const { page } = visit;
  const { id } = await shop.customer('Ana');
  await visit.open(`/contacts/${id}`);
  await button('More about Ana').click();
  await menuItem('Rename').click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Ana from the corner');
  await page.route(
    `**/api/contacts/${id}`,
    async (route) => {
      const name = { organization_id: shop.organizationId, name: 'Ana Souza' };
      await service.call('PATCH', `/api/contacts/${id}`, name);
      await route.continue();
    },
    { times: 1 },
  );
  await button('Save').click();
  await page.getByText('Somebody else called this contact “Ana Souza” a moment ago.').waitFor();
  await button('Save mine over it').click();
  await heading('Ana from the corner').waitFor();
});

it('writes, changes and deletes a note', async () => {
  const { page } = visit;
  const { id } = await shop.customer('Ana');
  await visit.open(`/contacts/${id}`);
  await button('Add note').click();
  await page.getByText('Write something first.').waitFor();
  await page.getByLabel('New note').fill('Prefers mornings');
  await button('Add note').click();
  await page.getByRole('paragraph').filter({ hasText: 'Prefers mornings' }).waitFor();
  await expect.poll(() => page.getByLabel('New note').inputValue()).toBe('');
  await button('Edit note').click();
  await page.getByRole('textbox', { name: 'Edit note' }).fill('Prefers evenings');
  await button('Save').click();
  await page.getByRole('paragraph').filter({ hasText: 'Prefers evenings' }).waitFor();
  await button('Delete note').click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete note' }).click();
  await page.getByText('Prefers evenings').waitFor({ state: 'detached' });
  const path = `/api/notes?organization_id=${shop.organizationId}`;
  expect((await service.call<{ notes: unknown[] }>('GET', path)).notes).toEqual([]);
});

it('merges two contacts after a look at both, and takes it back without loss', async () => {
  const { page } = visit;
  const ana = await shop.customer('Ana');
  const other = await shop.customer('Ana work', 'From my other phone');
  await shop.book(other.id, { title: 'Haircut' });
  await visit.open(`/contacts/${ana.id}`);
  await button('More about Ana').click();
  await menuItem('Merge with another contact').click();
  await page.getByLabel('The other contact').fill('work');
  await page.getByRole('option', { name: /Ana work/ }).click();
  await page.getByText('1 open booking').waitFor();
  expect(await visit.accessibilityFaults()).toEqual([]);
  await button('Merge').click();
  await page.getByText('From my other phone').waitFor();
  await page.getByRole('link', { name: 'Haircut' }).waitFor();

  await button(/^Undo/).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Undo' }).click();
  await page.getByText('From my other phone').waitFor({ state: 'detached' });
  await visit.open(`/contacts/${other.id}`);
  await page.getByText('From my other phone').waitFor();
});

it('exports everything about a contact as one whole file', async () => {
  const { page } = visit;
  const { id } = await shop.customer('Ana', 'My address is Rua A, 1');
  await visit.open(`/contacts/${id}`);
  await button('More about Ana').click();
  await menuItem('Export everything').click();
  const downloaded = page.waitForEvent('download');
  await button('Export').click();
  const download = await downloaded;
  await page.getByText('The file is in your downloads').waitFor();

  expect(download.suggestedFilename()).toBe(`contact-${id}.json`);
  const file = JSON.parse(await readFile(await download.path(), 'utf8')) as Record<string, unknown>;
  expect(file).toMatchObject({
    contact: { id, name: 'Ana' },
    messages: [{ content: 'My address is Rua A, 1' }],
  });
});

it('says so where an export broke off, and saves nothing', async () => {
  const { page } = visit;
  const { id } = await shop.customer('Ana');
  await page.route('**/export?*', (route) =>
    route.fulfill({ contentType: 'application/json', body: '{"contact":{"id":"x"},"messages":[' }),
  );
  await visit.open(`/contacts/${id}`);
  await button('More about Ana').click();
  await menuItem('Export everything').click();
  await button('Export').click();
  await page.getByText('The file broke off and is not complete.').waitFor();
});

it('erases a contact once somebody has said so, and tells how far it is', async () => {
  const { page } = visit;
  const { id } = await shop.customer('Ana');
  // As a long one: begun, and finished a while later.
  await page.route(`**/api/contacts/${id}?*`, async (route) => {
    if (route.request().method() !== 'DELETE') {
      return route.fallback();
    }
    const answer = (await (await route.fetch()).json()) as { receipt: { erased_at: string | null } };
    answer.receipt.erased_at = null;
    return route.fulfill({ status: 202, json: { ...answer, status_url: '' } });
  });
  await visit.open(`/contacts/${id}`);
  await button('More about Ana').click();
  await menuItem('Erase everything').click();
  await button('Erase for ever').click();
  await page.getByText('Tick the box first.').waitFor();
  await page.getByLabel('I know that it can not be brought back').check();
  await button('Erase for ever').click();
  await page.getByText(/^Erased: \d+ rows/).waitFor();
  await button('Done').click();

  await heading('No contact yet').waitFor();
  const path = `/api/contacts?organization_id=${shop.organizationId}`;
  expect((await service.call<{ contacts: unknown[] }>('GET', path)).contacts).toEqual([]);
});

it('shows as text whatever stands in a name or a note', async () => {
  const text = '<img src=x onerror=alert(1)> {count}';
  const { id } = await shop.customer(text, text);
  await service.call('POST', `/api/contacts/${id}/notes`, {
    organization_id: shop.organizationId,
    text,
  });
  await visit.open(`/contacts/${id}`);
  await heading(text).waitFor();
  await expect.poll(() => visit.page.getByRole('paragraph').filter({ hasText: text }).count()).toBe(2);
  expect(await visit.page.locator('img').count()).toBe(0);
});
