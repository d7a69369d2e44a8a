import { randomUUID } from 'node:crypto';
import type { ConsoleService } from '../support/console-service.js';
import { inLongLanguages, type Scene } from '../support/scene.js';

const emptyOrganization = async (service: ConsoleService): Promise<string> => {
  const id = `empty-${randomUUID().slice(0, 8)}`;
  await service.call('POST', '/api/organizations', { id, name: 'Clínica Sol' });
  return id;
};

const inAnyLanguage: Scene = {
  name: 'welcome-name',
  prepare: emptyOrganization,
  async show({ page }) {
    await page.goto('/welcome/new');
    await page.getByRole('textbox').first().waitFor();
  },
};

export const scenes: Scene[] = [
  ...inLongLanguages(inAnyLanguage),
  {
    name: 'welcome-name',
    prepare: emptyOrganization,
    async show({ page }) {
      await page.goto('/welcome/new');
      await page.getByLabel('Name of your business').waitFor();
    },
  },
  {
    name: 'welcome-ways',
    async prepare(service) {
      const id = await emptyOrganization(service);
      await service.call('POST', '/api/whatsapp/instances', {
        organization_id: id,
        instance_name: 'Reception',
      });
      return id;
    },
    async show({ page }) {
      await page.goto('/welcome');
      await page.getByRole('button', { name: 'Scan a QR code' }).waitFor();
    },
  },
];
