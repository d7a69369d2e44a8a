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
let nextNumber = 5_511_970_300_001;

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
const button = (name: string | RegExp) => visit.page.getByRole('button', { name });

it('draws what was received and sent, and how long it took, and says the same in a table', async () => {
  const [owner, customer] = [aNumber(), aNumber()];
  const instance = await service.linkedNumber(organizationId, owner, 'Shop');
  await service.phones('POST', '/phones', { number: customer, name: 'Ana' });
  await service.phones('POST', `/phones/${customer}/write`, { to: owner, text: 'Hello', acknowledged: true });
  await service.call('POST', `/api/whatsapp/instances/${instance}/send`, { to: customer, message: 'Hi!' });
  await visit.open('/operations');
  await visit.page.getByText('Nothing waits for long, and nothing failed.').waitFor();
  const drawn = visit.page.getByRole('img', { name: /^Messages a minute: \d+ at most/ });
  await drawn.waitFor();
  expect(await drawn.locator('path[d^="M"]').count()).toBeGreaterThan(3);

  await button('As a table Messages a minute').click();
  const table = visit.page.getByRole('table', { name: 'Messages a minute' });
  await expect.poll(() => table.getByRole('row').last().textContent()).toMatch(/\d/);
  await button('As a table From the call until WhatsApp has it, to the second').click();
  await visit.page
    .getByRole('table', { name: 'From the call until WhatsApp has it, to the second' })
    .getByText(/\d ms/)
    .first()
    .waitFor();
  await visit.page.getByLabel('Period').selectOption('The last 15 minutes');
  await expect
    .poll(() => visit.page.getByRole('table', { name: 'Messages a minute' }).getByRole('row').count())
    .toBeGreaterThan(1);
});

it('names the process, and the number that it runs', async () => {
  await service.linkedNumber(organizationId, aNumber(), 'Front desk');
  await visit.open('/operations/nodes');
  await visit.page.getByRole('table', { name: 'Processes' }).getByText('Alive').waitFor();
  await visit.page
    .getByRole('table', { name: 'Which process runs which number' })
    .getByText('Front desk')
    .waitFor();
});

it('shows dead messages, and gives those of one number, or all, another chance', async () => {
  // What no decoder of this version fails at has to be told by the API.
  const dead = [1, 2].map((id) => ({
    id: String(id),
    organization_id: organizationId,
    instance_id: randomUUID(),
    whatsapp_message_id: `3EB0${id}`,
    reason: 'undecodable',
    error: '<img src=x onerror=alert(1)>',
    attempts: 1,
    received_at: '2026-01-01T12:00:00Z',
    processed_at: '2026-01-01T12:00:01Z',
  }));
  const asked: unknown[] = [];
  await visit.page.route('**/api/admin/inbox/dead?*', (route) =>
    route.fulfill({
      json: { success: true, dead: asked.length === 0 ? dead : [], next_cursor: null, previous_cursor: null },
    }),
  );
  await visit.page.route('**/api/admin/inbox/redrive', async (route) => {
    asked.push(route.request().postDataJSON());
    await route.continue();
  });
  await visit.open('/operations/dead');
  await visit.page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
  await button('Try those of this number').first().click();
  await visit.page.getByText('0 are tried again').waitFor();
  await visit.page.getByRole('heading', { name: 'Nothing is set aside' }).waitFor();
  expect(asked).toEqual([{ limit: 1000, instance_id: dead[0]!.instance_id }]);
});

it('finds who did what in the audit log, page after page', async () => {
  for (let made = 0; made < 55; made += 1) {
    await service.call('POST', '/api/whatsapp/instances', {
      organization_id: organizationId,
      instance_name: `Number ${made}`,
    });
  }
  await visit.open('/operations/audit');
  await visit.page.getByLabel('Business', { exact: true }).fill(organizationId);
  await visit.page.getByLabel('Action', { exact: true }).fill('POST /api/whatsapp/instances');
  await visit.page.getByLabel('Outcome').selectOption('Done');
  await button('Look').click();
  const rows = visit.page.getByRole('table', { name: 'Audit log' }).getByRole('row');
  await expect.poll(() => rows.count()).toBe(51); // One is the head.
  await button('Show more').click();
  await expect.poll(() => rows.count()).toBe(56);
  await visit.page.getByLabel('From', { exact: true }).fill('2099-01-01T00:00');
  await button('Look').click();
  await visit.page.getByRole('heading', { name: 'Nothing found' }).waitFor();
  await button('Clear').click();
  await rows.first().waitFor();
});

it('is for administrators alone', async () => {
  await visit.page.route('**/api/me', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { me: object };
    const organizations = [{ id: organizationId, permissions: ['read', 'send', 'manage'], role: 'owner' }];
    const me = { ...body.me, is_administrator: false, kind: 'api_key', organizations };
    await route.fulfill({ response: answer, json: { ...body, me } });
  });
  await visit.open('/operations');
  await visit.page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  expect(await visit.page.getByRole('link', { name: 'Operations' }).count()).toBe(0);
});
