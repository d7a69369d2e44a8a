import { randomUUID } from 'node:crypto';
import type { ConsoleService } from '../support/console-service.js';
import { inLongLanguages, onLargeScreen, type Scene } from '../support/scene.js';
import { Shop } from '../support/shop.js';

const CUSTOMERS = [
  'Ana Souza',
  'Bruno Lima',
  'Carla Mendes de Albuquerque e Silva',
  'Davi',
  'Elisa Prado',
  'Fábio Nunes',
];
const HOUR_MS = 3_600_000;

let made: Promise<string> | undefined;

/** A shop with bookings in each status, of this week and of today. */
async function bookings(service: ConsoleService): Promise<string> {
  made ??= makeBookings(service);
  return made;
}

async function makeBookings(service: ConsoleService): Promise<string> {
  const shop = await Shop.open(service, {
    settings: {
      booking_policy: 'off',
      services: [
        { name: 'Haircut', duration_minutes: 45, price: 'R$ 60' },
        { name: 'Colour', duration_minutes: 120, price: null },
      ],
    },
  });
  const contacts: string[] = [];
  for (const name of CUSTOMERS) {
    contacts.push((await shop.customer(name)).id);
  }
  const nine = new Date();
  nine.setHours(9, 0, 0, 0);
  const at = (hours: number) => new Date(nine.getTime() + hours * HOUR_MS).toISOString();
  const of = (place: number) => contacts[place]!;
  await shop.book(of(0));
  await shop.book(of(1), { title: 'Wants a colour before the wedding, and to talk about the price first' });
  await shop.book(of(2), { title: 'Haircut', starts_at: at(1), ends_at: at(2), status: 'confirmed' });
  await shop.book(of(3), { title: 'Beard', starts_at: at(1.5), ends_at: at(2.25), status: 'confirmed' });
  await shop.book(of(4), { title: 'Colour', starts_at: at(5), ends_at: at(7), status: 'confirmed' });
  await shop.book(of(0), { title: 'Haircut', starts_at: at(29), ends_at: at(29.75) });
  const done = await shop.book(of(5), {
    title: 'Haircut',
    starts_at: at(-22),
    ends_at: at(-21),
    status: 'confirmed',
  });
  await shop.changeBooking(done, { status: 'completed' });
  const off = await shop.book(of(3), { title: 'Shave', starts_at: at(3) });
  await shop.changeBooking(off, { status: 'cancelled' });
  return shop.organizationId;
}

const empty = async (service: ConsoleService): Promise<string> => {
  const id = `scenes-${randomUUID().slice(0, 8)}`;
  await service.call('POST', '/api/organizations', { id, name: 'Clínica Sol' });
  return id;
};

const board: Scene = {
  name: 'bookings-board',
  prepare: bookings,
  async show({ page }) {
    await page.goto('/bookings');
    await page
      .getByRole('button', { name: /Ana Souza/ })
      .first()
      .waitFor();
  },
};

const calendarOf = (span: 'day' | 'week' | 'month'): Scene => ({
  name: `bookings-${span}`,
  prepare: bookings,
  async show({ page }) {
    await page.goto(`/bookings/calendar?show=${span}`);
    const narrowMonth = page.getByRole('button', { name: /3 bookings/ });
    await page
      .getByRole('button', { name: /Elisa Prado/ })
      .or(narrowMonth)
      .first()
      .waitFor();
  },
});

export const scenes: Scene[] = [
  board,
  ...inLongLanguages(board),
  onLargeScreen(calendarOf('week')),
  ...inLongLanguages(calendarOf('week')),
  ...(['day', 'week', 'month'] as const).map(calendarOf),
  {
    name: 'bookings-week-empty',
    prepare: empty,
    async show({ page }) {
      await page.goto('/bookings/calendar?show=week');
      const days = page.getByRole('region');
      await days.or(page.getByText('None')).first().waitFor();
    },
  },
  {
    name: 'bookings-week-loading',
    prepare: bookings,
    async show(visit) {
      const { page } = visit;
      const isHeld = await visit.hold('**/api/bookings?*');
      await page.goto('/bookings/calendar?show=week');
      await isHeld();
    },
  },
  {
    name: 'bookings-week-error',
    prepare: bookings,
    async show(visit) {
      const { page } = visit;
      await visit.refuse('**/api/bookings?*');
      await page.goto('/bookings/calendar?show=week');
      await visit.saysThatItFailed();
    },
  },
  {
    name: 'bookings-empty',
    prepare: empty,
    async show({ page }) {
      await page.goto('/bookings');
      await page.getByRole('heading', { name: 'No booking yet' }).waitFor();
    },
  },
  {
    name: 'bookings-loading',
    prepare: bookings,
    async show(visit) {
      const { page } = visit;
      const isHeld = await visit.hold('**/api/bookings?*');
      await page.goto('/bookings');
      await isHeld();
    },
  },
  {
    name: 'bookings-error',
    prepare: bookings,
    async show(visit) {
      const { page } = visit;
      await visit.refuse('**/api/bookings?*');
      await page.goto('/bookings');
      await visit.saysThatItFailed();
    },
  },
  {
    name: 'bookings-menu',
    prepare: bookings,
    async show({ page }) {
      await page.goto('/bookings');
      await page.getByRole('button', { name: 'Move Booking of Ana Souza' }).click();
      await page.getByRole('menuitem', { name: 'Confirm' }).waitFor();
    },
  },
  {
    name: 'bookings-new',
    prepare: bookings,
    async show({ page }) {
      await page.goto('/bookings');
      await page.getByRole('button', { name: 'New booking' }).click();
      await page.getByRole('button', { name: 'Create booking' }).click();
      await page.getByText('Choose whom it is for.').waitFor();
    },
  },
  {
    name: 'bookings-new-contact',
    prepare: bookings,
    async show({ page }) {
      await page.goto('/bookings');
      await page.getByRole('button', { name: 'New booking' }).click();
      await page.getByLabel('Contact').fill('a');
      await page.getByRole('option', { name: /Carla/ }).waitFor();
    },
  },
  {
    name: 'bookings-edit',
    prepare: bookings,
    async show({ page }) {
      await page.goto('/bookings');
      await page.getByRole('button', { name: /Bruno Lima Wants/ }).click();
      await page.getByRole('dialog').getByText('Bruno Lima').waitFor();
      await page.getByLabel('Service').waitFor();
    },
  },
  {
    name: 'bookings-cancel',
    prepare: bookings,
    async show({ page }) {
      await page.goto('/bookings');
      await page.getByRole('button', { name: 'Move Booking of Ana Souza' }).click();
      await page.getByRole('menuitem', { name: 'Cancel booking' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
];
