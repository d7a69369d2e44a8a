import { randomUUID } from 'node:crypto';
import type { ConsoleService } from '../support/console-service.js';
import { inLongLanguages, type Scene } from '../support/scene.js';

const ORGANIZATION = 'scenes-numbers';

/** Three numbers: one that is linked, one whose code nobody typed, one that is restricted and has messages. */
async function numbers(service: ConsoleService): Promise<string> {
  const { organizations } = await service.call<{ organizations: { id: string }[] }>(
    'GET',
    '/api/organizations',
  );
  if (organizations.some(({ id }) => id === ORGANIZATION)) {
    return ORGANIZATION;
  }
  await service.call('POST', '/api/organizations', { id: ORGANIZATION, name: 'Clínica Sol' });
  await service.linkedNumber(ORGANIZATION, '5511999880001', 'Reception');
  await service.linkedNumber(ORGANIZATION, '5511999880002', 'Shop downtown');
  await service.phones('POST', '/phones/5511999880002/unlink', {});
  await service.linkedNumber(ORGANIZATION, '5511999880003', 'Deliveries');
  await service.phones('POST', '/phones/5511999880003/restrict', { reason: 'BIZ_QUALITY', seconds: 86_400 });
  await service.phones('POST', '/phones', { number: '5521988770001', name: 'Ana' });
  await service.phones('POST', '/phones/5521988770001/write', {
    to: '5511999880001',
    text: 'Hello! Are you open on Saturday?',
    acknowledged: true,
  });
  return ORGANIZATION;
}

const unlinked = async (service: ConsoleService): Promise<string> => {
  const id = `scenes-${randomUUID().slice(0, 8)}`;
  await service.call('POST', '/api/organizations', { id, name: 'Clínica Sol' });
  await service.call('POST', '/api/whatsapp/instances', { organization_id: id, instance_name: 'Reception' });
  return id;
};

const inAnyLanguage: Scene = {
  name: 'numbers',
  prepare: numbers,
  async show({ page }) {
    await page.goto('/numbers');
    await page.getByRole('heading', { name: 'Reception' }).waitFor();
  },
};

export const scenes: Scene[] = [
  ...inLongLanguages(inAnyLanguage),
  {
    name: 'numbers-empty',
    async prepare(service) {
      const id = `scenes-${randomUUID().slice(0, 8)}`;
      await service.call('POST', '/api/organizations', { id, name: 'Clínica Sol' });
      return id;
    },
    async show({ page }) {
      await page.goto('/numbers');
      await page.getByRole('heading', { name: 'No number yet' }).waitFor();
    },
  },
  {
    name: 'numbers',
    prepare: numbers,
    async show({ page }) {
      await page.goto('/numbers');
      await page.getByRole('heading', { name: 'Reception' }).waitFor();
      await page.getByText('Somebody removed the link').waitFor();
      await page.getByText('WhatsApp limits this number').waitFor();
    },
  },
  {
    name: 'numbers-health',
    prepare: numbers,
    async show({ page }) {
      await page.goto('/numbers');
      await page.getByRole('link', { name: 'Health Reception' }).click();
      await page.getByRole('heading', { name: 'The last 7 days' }).waitFor();
    },
  },
  {
    name: 'numbers-health-error',
    prepare: numbers,
    async show(visit) {
      const { page } = visit;
      await visit.refuse('**/pacing');
      await page.goto('/numbers');
      await page.getByRole('link', { name: 'Health Reception' }).click();
      await visit.saysThatItFailed();
    },
  },
  {
    name: 'numbers-link-ways',
    prepare: unlinked,
    async show({ page }) {
      await page.goto('/numbers');
      await page.getByRole('button', { name: 'Link a phone' }).click();
      await page.getByRole('button', { name: 'Scan a QR code' }).waitFor();
    },
  },
  {
    name: 'numbers-link-qr',
    prepare: unlinked,
    async show({ page }) {
      await page.goto('/numbers');
      await page.getByRole('button', { name: 'Link a phone' }).click();
      await page.getByRole('button', { name: 'Scan a QR code' }).click();
      await page.getByRole('img', { name: 'QR code' }).waitFor();
    },
  },
  {
    name: 'numbers-link-code',
    prepare: unlinked,
    async show({ page }) {
      await page.goto('/numbers');
      await page.getByRole('button', { name: 'Link a phone' }).click();
      await page.getByRole('button', { name: 'Type a code on the phone' }).click();
      await page.getByLabel('Phone number').fill('+55 11 99988-0009');
      await page.getByRole('button', { name: 'Show the code' }).click();
      await page.getByRole('button', { name: 'Copy code' }).waitFor();
    },
  },
  {
    name: 'numbers-remove',
    prepare: numbers,
    async show({ page }) {
      await page.goto('/numbers');
      await page.getByRole('button', { name: 'More about Reception' }).click();
      await page.getByRole('menuitem', { name: 'Log out and remove' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'numbers-menu',
    prepare: numbers,
    async show({ page }) {
      await page.goto('/numbers');
      // A view that comes in takes the focus, which closes a menu.
      await page.getByRole('heading', { name: 'Reception' }).waitFor();
      await page.getByRole('button', { name: 'You and this page' }).click();
      await page.getByRole('menuitemradio', { name: 'Dark' }).waitFor();
    },
  },
  {
    name: 'numbers-loading',
    prepare: numbers,
    async show(visit) {
      const { page } = visit;
      const isHeld = await visit.hold('**/api/whatsapp/instances?*');
      await page.goto('/numbers');
      await isHeld();
    },
  },
  {
    name: 'numbers-error',
    prepare: numbers,
    async show(visit) {
      const { page } = visit;
      await visit.refuse('**/api/whatsapp/instances?*');
      await page.goto('/numbers');
      await visit.saysThatItFailed();
    },
  },
  {
    name: 'not-found',
    prepare: numbers,
    async show({ page }) {
      await page.goto('/nowhere');
      await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    },
  },
];
