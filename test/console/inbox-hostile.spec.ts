import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import { CuttableLine } from './support/cuttable-line.js';
import { Shop } from './support/shop.js';
import { Visit } from './support/visit.js';

const IMAGE = `<img src=x onerror="document.title='run'">`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='run'"><script>document.title='run'</script></svg>`;
const PDF = `%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R/OpenAction <</S/JavaScript/JS(app.alert\\('run'\\))>>>> endobj
2 0 obj <</Type/Pages/Kids[]/Count 0>> endobj
trailer <</Root 1 0 R>>
%%EOF`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

let browser: Browser;
let service: ConsoleService;
let shop: Shop;

beforeAll(async () => {
  browser = await startChromium();
  service = await ConsoleService.start();
  shop = await Shop.open(service, { number: '5511950000001', numberName: 'Reception' });
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});

it('shows as text what somebody wrote to be run, whatever it stands in', async () => {
  const { organizationId } = shop;
  const customer = await shop.phone(IMAGE, '5521970000001');
  await customer.writes(IMAGE);
  await customer.writes(
    `javascript:document.title='run' https://a.example/"onmouseover="document.title='run'`,
  );
  await customer.writes({ image: { caption: `${IMAGE} caption` } });
  await customer.writes({
    image: { file: { base64: base64(SVG) }, mimetype: 'image/svg+xml', caption: 'drawn' },
  });
  await customer.writes({ document: { fileName: `${IMAGE}.pdf`, file: { base64: base64(PDF) } } });
  await customer.writes({
    contact: {
      displayName: IMAGE,
      vcard: `BEGIN:VCARD\nFN:${IMAGE}\nTEL:${IMAGE}\nURL:javascript:alert(1)\nEND:VCARD`,
    },
  });
  await customer.writes({ poll: { question: IMAGE, options: [IMAGE, 'b'], selectable: 1 } });
  await customer.writes({
    location: { latitude: 1, longitude: 2, name: IMAGE, address: 'javascript:alert(1)' },
  });
  const visit = await Visit.begin(browser, service.url, { organizationId });
  const { page } = visit;
  await visit.open(`/inbox/${await customer.contactId()}`);
  const log = page.getByRole('log');
  await log.getByText(IMAGE).first().waitFor();
  await log.evaluate((element) => element.scrollTo(0, 0));
  await log.getByText(`${IMAGE} caption`).waitFor();
  await page.getByRole('heading', { level: 2, name: IMAGE }).waitFor();

  const links = await page
    .locator('a')
    .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).protocol));
  expect(new Set(links)).toEqual(new Set(['http:', 'https:']));
  expect(
    await page.locator('img[src="x"], [onerror], [onload], [onmouseover], iframe, embed, object').count(),
  ).toBe(0);
  await log.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  const download = page.waitForEvent('download');
  await page
    .getByRole('button', { name: /^Save / })
    .last()
    .click();
  expect((await download).suggestedFilename()).toMatch(/\.pdf$/);
  expect(page.context().pages()).toHaveLength(1);
  expect(await page.title()).not.toBe('run');
  expect(await visit.accessibilityFaults()).toEqual([]);
  await visit.end();
});

it('loses and doubles nothing while the service can not be reached, and two tabs agree', async () => {
  const { organizationId } = shop;
  const customer = await shop.phone('Paula', '5521970000002');
  await customer.writes('Before');
  const line = await CuttableLine.to(service.url);
  const contactId = await customer.contactId();
  const visit = await Visit.begin(browser, line.url, { organizationId });
  const other = await Visit.begin(browser, service.url, { organizationId });
  for (const one of [visit, other]) {
    await one.open(`/inbox/${contactId}`);
    await one.page.getByRole('log').getByText('Before').waitFor();
  }
  line.cut();
  await visit.page
    .getByText(/cut off|connection|offline/i)
    .first()
    .waitFor();
  for (const text of ['First', 'Second', 'Third']) {
    await customer.writes(text);
  }
  const box = visit.page.getByRole('textbox', { name: 'Message', exact: true });
  await box.fill('Written meanwhile');
  await visit.page.keyboard.press('Enter');
  await visit.page.getByText('Waits for the connection …').waitFor();
  await other.page.getByRole('log').getByText('Third').waitFor();
  line.mend();
  await visit.page.getByText('Waits for the connection …').waitFor({ state: 'detached' });
  await customer.receives(({ text }) => text === 'Written meanwhile');

  const texts = ['Before', 'First', 'Second', 'Third', 'Written meanwhile'];
  for (const { page } of [visit, other]) {
    const shown = () => page.getByRole('log').locator('article p[dir=auto]').allTextContents();
    await expect.poll(shown).toEqual(texts);
    await page
      .getByRole('article')
      .filter({ hasText: 'Written meanwhile' })
      .getByText(/^(Sent|Delivered)$/)
      .waitFor();
    expect(await shown()).toEqual(texts);
  }
  await Promise.all([visit.end(), other.end()]);
  await line.close();
});

it('brings once what waited while the tab was loaded again, whichever view it shows then', async () => {
  const { organizationId } = shop;
  const customer = await shop.phone('Rita', '5521970000003');
  await customer.writes('Before');
  const contactId = await customer.contactId();
  const notes = async () => {
    const path = `/api/notes?organization_id=${organizationId}&contact_id=${contactId}`;
    const answer = await service.call<{ notes: { content: string }[] }>('GET', path);
    return answer.notes.map(({ content }) => content);
  };
  const visit = await Visit.begin(browser, service.url, { organizationId });
  const { page } = visit;
  await visit.open(`/inbox/${contactId}`);
  await page.getByRole('log').getByText('Before').waitFor();
  // What goes out arrives, and nobody hears of it; so what was written after it goes nowhere.
  await page.route(/\/api\/.*\/(send|notes)$/, async (route) => {
    await route.fetch();
    await route.abort();
  });
  const write = async (box: string, text: string) => {
    await page.getByRole('textbox', { name: box, exact: true }).fill(text);
    await page.keyboard.press('Enter');
  };
  await write('Message', 'Arrived unheard');
  await customer.receives(({ text }) => text === 'Arrived unheard');
  await write('Message', 'Never left');
  await page.getByRole('button', { name: 'Internal note' }).click();
  await write('Internal note', 'She is a doctor');
  await expect.poll(notes).toEqual(['She is a doctor']);
  await page
    .getByRole('article')
    .filter({ hasText: 'Never left' })
    .getByText('Waits for the connection')
    .waitFor();
  expect(await visit.accessibilityFaults()).toEqual([]);
  const asked: string[] = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await visit.open('/bookings');
  expect(asked).toEqual(['beforeunload']);
  await page.getByRole('heading', { name: 'Bookings', exact: true }).waitFor();
  await page.unrouteAll({ behavior: 'wait' });
  await customer.receives(({ text }) => text === 'Never left');

  await expect.poll(() => page.evaluate(() => sessionStorage.getItem('auzap.outbox'))).toBeNull();
  const { messages } = await service.phones<{ messages: { text?: string }[] }>(
    'GET',
    `/phones/${customer.number}/messages?after=0&limit=100`,
  );
  const received = messages.map(({ text }) => text).filter((text) => text !== 'Before');
  expect(received).toEqual(['Arrived unheard', 'Never left']);
  expect(await notes()).toEqual(['She is a doctor']);
  await visit.open(`/inbox/${contactId}`);
  await page.getByRole('log').getByText('Never left').waitFor();
  await expect
    .poll(() => page.getByRole('log').locator('article p[dir=auto]').allTextContents())
    .toEqual(['Before', 'Arrived unheard', 'She is a doctor', 'Never left']);
  await visit.end();
});
