import { randomUUID } from 'node:crypto';
import type { ConsoleService } from '../support/console-service.js';
import { inLongLanguages, type Scene } from '../support/scene.js';

const ORGANIZATION = 'scenes-operations';
const MINUTE_MS = 60_000;

async function operations(service: ConsoleService): Promise<string> {
  const { organizations } = await service.call<{ organizations: { id: string }[] }>(
    'GET',
    '/api/organizations?limit=100',
  );
  if (!organizations.some(({ id }) => id === ORGANIZATION)) {
    await service.call('POST', '/api/organizations', { id: ORGANIZATION, name: 'Clínica Sol' });
    await service.linkedNumber(ORGANIZATION, '5511999850001', 'Reception');
  }
  return ORGANIZATION;
}

/** An hour in which there was something to see. */
const traffic = () => ({
  success: true,
  is_capped: false,
  minutes: Array.from({ length: 60 }, (_, at) => ({
    at: new Date(Date.UTC(2026, 0, 15, 12) + at * MINUTE_MS).toISOString(),
    received: Math.round(60 + 40 * Math.sin(at / 6)),
    received_ms: at % 17 === 0 ? null : { median: 20 + (at % 5), p95: 60 + 8 * (at % 7) },
    sent: Math.round(30 + 20 * Math.cos(at / 9)),
    sent_ms: { median: 110 + (at % 9), p95: 260 + 15 * (at % 6) },
  })),
});

const inAnyLanguage: Scene = {
  name: 'operations',
  prepare: operations,
  async show({ page }) {
    await page.route('**/api/admin/throughput?*', (route) => route.fulfill({ json: traffic() }));
    await page.goto('/operations');
    await page.locator('figure').first().waitFor();
  },
};

export const scenes: Scene[] = [
  ...inLongLanguages(inAnyLanguage),
  {
    name: 'operations-audit-error',
    prepare: operations,
    async show(visit) {
      await visit.refuse('**/api/admin/audit*');
      await visit.page.goto('/operations/audit');
      await visit.saysThatItFailed();
    },
  },
  {
    name: 'operations',
    prepare: operations,
    async show({ page }) {
      await page.route('**/api/admin/throughput?*', (route) => route.fulfill({ json: traffic() }));
      await page.goto('/operations');
      await page.getByRole('img', { name: /^Messages a minute/ }).waitFor();
      await page.getByText('Nothing waits for long').waitFor();
    },
  },
  {
    name: 'operations-charts',
    prepare: operations,
    async show({ page }) {
      await page.route('**/api/admin/throughput?*', (route) => route.fulfill({ json: traffic() }));
      await page.goto('/operations');
      await page.getByRole('img', { name: /^From the call/ }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'operations-table',
    prepare: operations,
    async show({ page }) {
      await page.route('**/api/admin/throughput?*', (route) => route.fulfill({ json: traffic() }));
      await page.goto('/operations');
      await page.getByRole('button', { name: 'As a table Messages a minute' }).click();
      await page.getByRole('table', { name: 'Messages a minute' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'operations-loading',
    prepare: operations,
    async show(visit) {
      const { page } = visit;
      const isHeld = await visit.hold('**/api/admin/**');
      await page.goto('/operations');
      await isHeld();
    },
  },
  {
    name: 'operations-error',
    prepare: operations,
    async show(visit) {
      const { page } = visit;
      await visit.refuse('**/api/admin/**');
      await page.goto('/operations');
      await visit.saysThatItFailed();
    },
  },
  {
    name: 'operations-trouble',
    prepare: operations,
    async show({ page }) {
      await page.route('**/api/admin/queue-stats', async (route) => {
        const response = await route.fetch();
        const body = (await response.json()) as { inbox: object; worker: object };
        const inbox = {
          pending: 10_000,
          dead: 3,
          is_capped: true,
          oldest_pending_at: '2026-01-15T12:00:00Z',
          oldest_pending_age_ms: 600_000,
        };
        const json = {
          ...body,
          workers_alive: 0,
          redis: 'down',
          inbox,
          by_organization: [{ organization_id: 'org_with_a_long_name_of_its_own', ...inbox }],
        };
        await route.fulfill({ response, json });
      });
      await page.goto('/operations');
      await page.getByText('No worker runs').waitFor();
    },
  },
  {
    name: 'operations-nodes',
    prepare: operations,
    async show({ page }) {
      await page.goto('/operations/nodes');
      await page.getByText('Alive').waitFor();
      await page.getByText('Reception').first().waitFor();
    },
  },
  {
    name: 'operations-dead-empty',
    prepare: operations,
    async show({ page }) {
      await page.goto('/operations/dead');
      await page.getByRole('heading', { name: 'Nothing is set aside' }).waitFor();
    },
  },
  {
    name: 'operations-dead',
    prepare: operations,
    async show({ page }) {
      const dead = [1, 2, 3].map((id) => ({
        id: String(id),
        organization_id: ORGANIZATION,
        instance_id: randomUUID(),
        whatsapp_message_id: `3EB0C431C26A1916E07E${id}`,
        reason: 'undecodable',
        error: 'RangeError: index out of range: 12 + 10 > 15',
        attempts: id,
        received_at: '2026-01-15T12:00:00Z',
        processed_at: '2026-01-15T12:00:01Z',
      }));
      await page.route('**/api/admin/inbox/dead?*', (route) =>
        route.fulfill({ json: { success: true, dead, next_cursor: null, previous_cursor: null } }),
      );
      await page.goto('/operations/dead');
      await page.getByText('undecodable').first().waitFor();
    },
  },
  {
    name: 'operations-audit',
    prepare: operations,
    async show({ page }) {
      await page.goto('/operations/audit');
      await page
        .getByText(/^POST \/api\//)
        .first()
        .waitFor();
    },
  },
  {
    name: 'operations-audit-empty',
    prepare: operations,
    async show({ page }) {
      await page.goto('/operations/audit');
      await page.getByLabel('Id of who did it').fill('nobody');
      await page.getByRole('button', { name: 'Look' }).click();
      await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
    },
  },
];
