import { randomUUID } from 'node:crypto';
import type { ConsoleService } from '../support/console-service.js';
import { inLongLanguages, type Scene } from '../support/scene.js';
import { Shop } from '../support/shop.js';

const NAMES = ['Ana Souza', 'Ana (trabalho)', 'Bruno Lima', 'Carla Mendes', 'Davi', 'Elisa Prado', 'Fábio'];

interface Shown {
  organizationId: string;
  contactId: string;
}

let made: Promise<Shown> | undefined;

/** A shop with some contacts; the first has messages, a booking, a note, and one that was merged into it. */
const contacts = async (service: ConsoleService): Promise<string> => (await shown(service)).organizationId;

const shown = (service: ConsoleService): Promise<Shown> => (made ??= makeContacts(service));

async function makeContacts(service: ConsoleService): Promise<Shown> {
  const shop = await Shop.open(service, { settings: { booking_policy: 'off' } });
  const ids: string[] = [];
  for (const name of NAMES) {
    ids.push((await shop.customer(name, 'Olá! Vocês têm horário na sexta de manhã?')).id);
  }
  const [contactId, second] = ids as [string, string];
  const organization_id = shop.organizationId;
  await service.call('POST', `/api/contacts/${contactId}/notes`, {
    organization_id,
    text: 'Prefers mornings. Allergic to ammonia.',
  });
  const booking = await shop.book(contactId, { title: 'Haircut', starts_at: '2031-05-05T12:00:00.000Z' });
  await shop.changeBooking(booking, { status: 'confirmed' });
  await service.call('POST', `/api/contacts/${contactId}/merge`, { organization_id, contact_id: second });
  return { organizationId: shop.organizationId, contactId };
}

const open = async ({ page }: { page: import('playwright-core').Page }) => {
  await page.goto('/contacts');
  await page.getByRole('link', { name: /Ana Souza/ }).click();
  await page.getByText('Prefers mornings.').waitFor();
};

const contact: Scene = { name: 'contact', prepare: contacts, show: open };

export const scenes: Scene[] = [
  {
    name: 'contacts',
    prepare: contacts,
    async show({ page }) {
      await page.goto('/contacts');
      await page.getByRole('link', { name: /Ana Souza/ }).waitFor();
    },
  },
  {
    name: 'contacts-empty',
    async prepare(service) {
      const id = `scenes-${randomUUID().slice(0, 8)}`;
      await service.call('POST', '/api/organizations', { id, name: 'Clínica Sol' });
      return id;
    },
    async show({ page }) {
      await page.goto('/contacts');
      await page.getByRole('heading', { name: 'No contact yet' }).waitFor();
    },
  },
  {
    name: 'contacts-no-match',
    prepare: contacts,
    async show({ page }) {
      await page.goto('/contacts');
      await page.getByLabel('Search by name or number').fill('zzz');
      await page.getByRole('heading', { name: 'Nobody found' }).waitFor();
    },
  },
  {
    name: 'contacts-loading',
    prepare: contacts,
    async show(visit) {
      const { page } = visit;
      const isHeld = await visit.hold('**/api/contacts?*');
      await page.goto('/contacts');
      await isHeld();
    },
  },
  {
    name: 'contacts-error',
    prepare: contacts,
    async show(visit) {
      const { page } = visit;
      await visit.refuse('**/api/contacts?*');
      await page.goto('/contacts');
      await visit.saysThatItFailed();
    },
  },
  contact,
  ...inLongLanguages(contact),
  {
    name: 'contact-loading',
    prepare: contacts,
    async show(visit) {
      const { page } = visit;
      const { contactId } = await made!;
      const isHeld = await visit.hold(`**/api/contacts/${contactId}?*`);
      await page.goto(`/contacts/${contactId}`);
      await isHeld();
    },
  },
  {
    name: 'contact-error',
    prepare: contacts,
    async show(visit) {
      const { contactId } = await made!;
      await visit.refuse(`**/api/contacts/${contactId}?*`);
      await visit.page.goto(`/contacts/${contactId}`);
      await visit.saysThatItFailed();
    },
  },
  {
    name: 'contact-not-found',
    prepare: contacts,
    async show({ page }) {
      await page.goto(`/contacts/${randomUUID()}`);
      await page.getByRole('heading', { name: 'There is no such contact' }).waitFor();
    },
  },
  {
    name: 'contact-rename',
    prepare: contacts,
    async show(visit) {
      await open(visit);
      await visit.page.getByRole('button', { name: 'More about Ana Souza' }).click();
      await visit.page.getByRole('menuitem', { name: 'Rename' }).click();
      await visit.page.getByRole('textbox', { name: 'Name' }).waitFor();
    },
  },
  {
    name: 'contact-merge',
    prepare: contacts,
    async show(visit) {
      await open(visit);
      await visit.page.getByRole('button', { name: 'More about Ana Souza' }).click();
      await visit.page.getByRole('menuitem', { name: 'Merge with another contact' }).click();
      await visit.page.getByLabel('The other contact').fill('bruno');
      await visit.page.getByRole('option', { name: /Bruno/ }).click();
      await visit.page.getByText('No open booking').first().waitFor();
    },
  },
  {
    name: 'contact-export',
    prepare: contacts,
    async show(visit) {
      await open(visit);
      await visit.page.getByRole('button', { name: 'More about Ana Souza' }).click();
      await visit.page.getByRole('menuitem', { name: 'Export everything' }).click();
      await visit.page.getByRole('button', { name: 'Export' }).waitFor();
    },
  },
  {
    name: 'contact-erase',
    prepare: contacts,
    async show(visit) {
      await open(visit);
      await visit.page.getByRole('button', { name: 'More about Ana Souza' }).click();
      await visit.page.getByRole('menuitem', { name: 'Erase everything' }).click();
      await visit.page.getByRole('button', { name: 'Erase for ever' }).waitFor();
    },
  },
];
