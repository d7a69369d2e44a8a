import { randomUUID } from 'node:crypto';
import type { ConsoleService } from '../support/console-service.js';
import { inLongLanguages, type Scene } from '../support/scene.js';

const ORGANIZATION = 'scenes-integrations';

/** An organization with keys, a webhook that fails, and some events. */
async function integrations(service: ConsoleService): Promise<string> {
  const { organizations } = await service.call<{ organizations: { id: string }[] }>(
    'GET',
    '/api/organizations?limit=100',
  );
  if (organizations.some(({ id }) => id === ORGANIZATION)) {
    return ORGANIZATION;
  }
  await service.call('POST', '/api/organizations', { id: ORGANIZATION, name: 'Clínica Sol' });
  const keys = `/api/organizations/${ORGANIZATION}/api-keys`;
  await service.call('POST', keys, { name: 'Booking site', scopes: ['read', 'send'] });
  await service.call('POST', keys, {
    name: 'A shop with a rather long name that somebody gave it',
    scopes: ['read'],
    expires_at: '2100-01-01T00:00:00Z',
  });
  const gone = await service.call<{ api_key: { id: string } }>('POST', keys, {
    name: 'Old agenda',
    scopes: ['read', 'send', 'manage'],
  });
  await service.call('DELETE', `${keys}/${gone.api_key.id}`);
  await service.call('POST', '/api/webhooks', {
    organization_id: ORGANIZATION,
    // Nobody listens there.
    url: 'http://127.0.0.1:9/hooks/whatsapp',
    description: 'Booking site',
  });
  await service.linkedNumber(ORGANIZATION, '5511999860001', 'Reception');
  return ORGANIZATION;
}

const empty = async (service: ConsoleService): Promise<string> => {
  const id = `scenes-${randomUUID().slice(0, 8)}`;
  await service.call('POST', '/api/organizations', { id, name: 'Clínica Sol' });
  return id;
};

const keys: Scene = {
  name: 'integrations-keys',
  prepare: integrations,
  async show({ page }) {
    await page.goto('/integrations');
    await page.getByText('Old agenda').waitFor();
  },
};

export const scenes: Scene[] = [
  {
    name: 'integrations-keys-empty',
    prepare: empty,
    async show({ page }) {
      await page.goto('/integrations');
      await page.getByRole('heading', { name: 'No key yet' }).waitFor();
    },
  },
  {
    name: 'integrations-keys-loading',
    prepare: empty,
    async show(visit) {
      const { page } = visit;
      const isHeld = await visit.hold('**/api-keys?*');
      await page.goto('/integrations');
      await isHeld();
    },
  },
  {
    name: 'integrations-keys-error',
    prepare: empty,
    async show(visit) {
      const { page } = visit;
      await visit.refuse('**/api-keys?*');
      await page.goto('/integrations');
      await visit.saysThatItFailed();
    },
  },
  keys,
  ...inLongLanguages(keys),
  {
    name: 'integrations-key-form',
    prepare: integrations,
    async show({ page }) {
      await page.goto('/integrations');
      await page.getByRole('button', { name: 'Create a key' }).click();
      await page.getByRole('dialog').getByLabel('Name').waitFor();
    },
  },
  {
    name: 'integrations-key-shown',
    prepare: empty,
    async show({ page }) {
      await page.goto('/integrations');
      await page.getByRole('button', { name: 'Create a key' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('Booking site');
      await page.getByRole('dialog').getByRole('button', { name: 'Create a key' }).click();
      await page.getByText('Copy it now').waitFor();
    },
  },
  {
    name: 'integrations-webhooks-empty',
    prepare: empty,
    async show({ page }) {
      await page.goto('/integrations/webhooks');
      await page.getByRole('heading', { name: 'No webhook yet' }).waitFor();
    },
  },
  {
    name: 'integrations-webhooks',
    prepare: integrations,
    async show({ page }) {
      await page.goto('/integrations/webhooks');
      await page.getByRole('link', { name: /127/ }).waitFor();
    },
  },
  {
    name: 'integrations-webhooks-loading',
    prepare: integrations,
    async show(visit) {
      const { page } = visit;
      const isHeld = await visit.hold('**/api/webhooks?*');
      await page.goto('/integrations/webhooks');
      await isHeld();
    },
  },
  {
    name: 'integrations-webhooks-error',
    prepare: integrations,
    async show(visit) {
      await visit.refuse('**/api/webhooks?*');
      await visit.page.goto('/integrations/webhooks');
      await visit.saysThatItFailed();
    },
  },
  {
    name: 'integrations-webhook-form',
    prepare: integrations,
    async show({ page }) {
      await page.goto('/integrations/webhooks');
      await page.getByRole('button', { name: 'Create a webhook' }).click();
      await page.getByRole('checkbox', { name: 'All events' }).uncheck();
    },
  },
  {
    name: 'integrations-webhook',
    prepare: integrations,
    async show({ page }) {
      await page.goto('/integrations/webhooks');
      await page.getByRole('link', { name: /127/ }).click();
      await page.getByText('Details').first().click();
      await page.getByRole('region', { name: 'What was sent' }).waitFor();
    },
  },
  {
    name: 'integrations-events-waiting',
    prepare: empty,
    async show({ page }) {
      await page.goto('/integrations/events');
      await page.getByText('Waiting for events').waitFor();
    },
  },
  {
    name: 'integrations-events',
    prepare: integrations,
    async show({ page }) {
      await page.goto('/integrations/events');
      await page.getByRole('button', { name: 'Read from there' }).click();
      await page.getByRole('list', { name: 'Events' }).getByText('whatsapp:connected').click();
      await page.getByText('"instanceId"').waitFor();
    },
  },
  {
    name: 'integrations-events-error',
    prepare: integrations,
    async show(visit) {
      await visit.refuse('**/api/events?*');
      await visit.page.goto('/integrations/events');
      await visit.page.getByRole('button', { name: 'Read from there' }).click();
      await visit.page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'integrations-examples',
    prepare: integrations,
    async show({ page }) {
      await page.goto('/integrations/examples');
      await page.getByRole('heading', { name: 'Receive events' }).waitFor();
    },
  },
];
