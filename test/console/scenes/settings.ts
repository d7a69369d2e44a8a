import { randomUUID } from 'node:crypto';
import type { ConsoleService } from '../support/console-service.js';
import { inLongLanguages, type Scene } from '../support/scene.js';

let made: Promise<string> | undefined;

/** A business that has everything set. */
const business = (service: ConsoleService): Promise<string> => (made ??= makeBusiness(service));

async function makeBusiness(service: ConsoleService): Promise<string> {
  const id = `scenes-${randomUUID().slice(0, 8)}`;
  const path = `/api/organizations/${id}`;
  await service.call('POST', '/api/organizations', { id, name: 'Clínica Sol' });
  await service.call('PATCH', `${path}/settings`, {
    time_zone: 'America/Sao_Paulo',
    languages: ['pt-BR', 'en'],
    services: [
      { name: 'Corte', duration_minutes: 45, price: 'R$ 60' },
      { name: 'Coloração completa com hidratação', duration_minutes: 120, price: 'R$ 180' },
    ],
    office_hours: {
      weekly: [
        { day: 'monday', opens: '09:00', closes: '12:00' },
        { day: 'monday', opens: '13:00', closes: '18:00' },
        { day: 'saturday', opens: '09:00', closes: '13:00' },
      ],
      exceptions: [{ date: '2031-12-25', intervals: [] }],
    },
    automatic_replies: {
      first_message: {
        enabled: true,
        texts: { 'pt-BR': 'Olá {{contact_name}}! Já respondemos.', en: 'Hello {{contact_name}}!' },
      },
      outside_hours: { enabled: false, texts: { 'pt-BR': 'Abrimos de novo em {{opens_at}}.' } },
    },
  });
  await service.call('PUT', `${path}/members/${randomUUID()}`, { role: 'owner' });
  await service.call('PUT', `${path}/members/${randomUUID()}`, { role: 'agent' });
  await service.call('POST', `${path}/calendar-feeds`, { name: 'Reception' });
  return id;
}

const empty = async (service: ConsoleService): Promise<string> => {
  const id = `scenes-${randomUUID().slice(0, 8)}`;
  await service.call('POST', '/api/organizations', { id, name: 'Clínica Sol' });
  return id;
};

const part = (name: string, waitFor: string): Scene => ({
  name: `settings-${name}`,
  prepare: business,
  async show({ page }) {
    await page.goto(`/settings/${name}`);
    await page.getByText(waitFor).first().waitFor();
  },
});

const inAnyLanguage = (name: string): Scene => ({
  name: `settings-${name}`,
  prepare: business,
  async show({ page }) {
    await page.goto(`/settings/${name}`);
    await page.getByRole('textbox').first().waitFor();
  },
});

export const scenes: Scene[] = [
  ...inLongLanguages(inAnyLanguage('replies')),
  ...inLongLanguages(inAnyLanguage('services')),
  part('team', 'Agent'),
  part('business', 'Brazilian Portuguese'),
  part('services', 'Add a service'),
  part('hours', 'Monday'),
  part('replies', 'So it looks'),
  part('calendars', 'Reception'),
  part('numbers', 'Messages in groups'),
  part('retention', 'Who did what'),
  {
    name: 'settings-team-empty',
    prepare: empty,
    async show({ page }) {
      await page.goto('/settings');
      await page.getByText('Nobody is invited at the moment.').waitFor();
    },
  },
  {
    name: 'settings-loading',
    prepare: business,
    async show(visit) {
      const { page } = visit;
      const isHeld = await visit.hold('**/settings');
      await page.goto('/settings/services');
      await isHeld();
    },
  },
  {
    name: 'settings-error',
    prepare: business,
    async show(visit) {
      const { page } = visit;
      await visit.refuse('**/api/organizations/*/settings');
      await page.goto('/settings/hours');
      await visit.saysThatItFailed();
    },
  },
  {
    name: 'settings-calendar-address',
    prepare: empty,
    async show({ page }) {
      await page.goto('/settings/calendars');
      await page.getByLabel('For whom or what').fill('Reception');
      await page.getByRole('button', { name: 'Create an address' }).click();
      await page.getByRole('region', { name: 'Address of the calendar' }).waitFor();
    },
  },
  {
    name: 'settings-retention-confirm',
    prepare: business,
    async show({ page }) {
      await page.goto('/settings/retention');
      await page.getByLabel('Messages, with their files').fill('365');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
];
