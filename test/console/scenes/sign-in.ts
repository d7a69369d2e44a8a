import { inLongLanguages, type Scene } from '../support/scene.js';

const inAnyLanguage: Scene = {
  name: 'sign-in',
  service: 'required',
  async show({ page }) {
    await page.goto('/');
    await page.getByRole('tab').first().waitFor();
  },
};

export const scenes: Scene[] = [
  ...inLongLanguages(inAnyLanguage),
  {
    name: 'sign-in',
    service: 'required',
    async show({ page }) {
      await page.goto('/');
      await page.getByRole('tab', { name: 'Access key' }).waitFor();
    },
  },
  {
    name: 'sign-in-wrong-key',
    service: 'required',
    async show({ page }) {
      await page.goto('/');
      await page.getByRole('tab', { name: 'Access key' }).click();
      await page.getByLabel('Access key', { exact: true }).last().fill('nonsense');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('This key does not work').waitFor();
    },
  },
];
