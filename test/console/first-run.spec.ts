import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { LOCALES, type Locale } from '../../console/src/i18n/locales.ts';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import { firstRun } from './support/first-run.js';
import { keyboardPerson } from './support/person.js';
import { textsOf } from './support/texts.js';
import { Visit } from './support/visit.js';

let browser: Browser;
let service: ConsoleService;
let visit: Visit;

beforeAll(async () => {
  browser = await startChromium();
  service = await ConsoleService.start();
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});
// Each begins where there is nothing.
beforeEach(() => service.closeOrganizations());
afterEach(() => visit.end());

it.each(Object.keys(LOCALES) as Locale[])(
  'leads from nothing to the first message on the screen of a phone in %s, by keyboard alone',
  async (locale) => {
    visit = await Visit.begin(browser, service.url, { locale, width: 360, height: 740 });
    const { page } = visit;
    const t = textsOf(locale);
    await visit.open('/');
    await firstRun({
      page,
      person: keyboardPerson(page),
      t,
      link: { phoneNumber: '+55 11 99988-7766' },
      look: async (shown) => {
        await shown.waitFor();
        expect(await visit.accessibilityFaults()).toEqual([]);
        expect(await visit.sidewaysScroll()).toBe(0);
      },
    });
    await page.getByRole('heading', { name: t.welcome('arrived') }).waitFor({ state: 'detached' });
    expect(await page.locator('html').getAttribute('lang')).toBe(locale);
  },
);
