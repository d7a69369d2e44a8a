import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { VOICE_SAMPLE } from '../support/voice-sample.js';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import { keyboardPerson } from './support/person.js';
import { Shop } from './support/shop.js';
import { type Look, Visit } from './support/visit.js';

let browser: Browser;
let service: ConsoleService;
let shop: Shop;
let visit: Visit;
const others: Visit[] = [];
let nextNumber = 5_521_980_000_001;

const aNumber = () => String(nextNumber++);

beforeAll(async () => {
  browser = await startChromium(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
  service = await ConsoleService.start();
  shop = await Shop.open(service, { number: '5511960000001', numberName: 'Reception' });
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});
beforeEach(async () => {
  visit = await begin();
});
afterEach(async () => {
  await Promise.all([visit, ...others.splice(0)].map((one) => one.end()));
});

function begin(look: Look = {}): Promise<Visit> {
  return Visit.begin(browser, service.url, { organizationId: shop.organizationId, ...look });
}

async function another(look: Look = {}): Promise<Visit> {
  const made = await begin(look);
  others.push(made);
  return made;
}

/** A customer who wrote, whose conversation is open. */
async function conversation(name = `Customer ${randomUUID().slice(0, 6)}`, text = 'Hello!') {
  const customer = await shop.phone(name, aNumber());
  await customer.writes(text);
  const contactId = await customer.contactId();
  await visit.open(`/inbox/${contactId}`);
  await log(visit.page).getByText(text, { exact: true }).waitFor();
  return { customer, contactId, name };
}

const log = (page: Page) => page.getByRole('log');
const box = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
const rowOf = (page: Page, name: string) =>
  page.getByRole('list', { name: 'Conversations' }).getByRole('link', { name });

describe('the list', () => {
  it('has who writes stand on top at once, unread, until somebody reads it', async () => {
    const { page } = visit;
    const customer = await shop.phone('Bruno Lima', aNumber());
    await visit.open('/inbox');
    await customer.writes('Are you open?');
    await rowOf(page, 'Bruno Lima').getByText('1 unread message').waitFor();
    await customer.writes('On Saturday, I mean');

    await rowOf(page, 'Bruno Lima').getByText('2 unread messages').waitFor();
    await rowOf(page, 'Bruno Lima').click();
    await log(page).getByText('On Saturday, I mean').waitFor();
    await rowOf(page, 'Bruno Lima').getByText('2 unread messages').waitFor({ state: 'detached' });
  });

  it('finds people by name and messages by their words, and leads to the message', async () => {
    const { page } = visit;
    const customer = await shop.phone('Helena Rocha', aNumber());
    await customer.writes('My password is a pineapple');
    for (let count = 0; count < 45; count += 1) {
      await customer.writes(`Line ${count}`);
    }
    await visit.open('/inbox');
    await page.getByRole('searchbox').fill('helena');
    await rowOf(page, 'Helena Rocha').waitFor();
    await page.getByRole('searchbox').fill('pineapple');
    await page
      .getByRole('region', { name: 'Messages' })
      .getByRole('link', { name: /Helena Rocha/ })
      .click();

    await log(page).getByText('My password is a pineapple').waitFor();
    await page.getByRole('button', { name: 'To the newest message' }).click();
    await log(page).getByText('Line 44').waitFor();
  });

  it('shows what is unread, and what has an open booking', async () => {
    const { page } = visit;
    const { name } = await conversation();
    const unread = await shop.phone('Nobody Read', aNumber());
    await unread.writes('hello?');
    await rowOf(page, name).getByText('unread').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Unread' }).click();
    await rowOf(page, 'Nobody Read').waitFor();
    await rowOf(page, name).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'With open booking' }).click();

    await rowOf(page, name).waitFor();
  });
});

describe('a conversation', () => {
  it('is answered: the customer has it, and the ticks follow', async () => {
    const { page } = visit;
    const { customer } = await conversation();
    await box(page).fill('Yes, from 9 to 18.');
    await page.keyboard.press('Enter');
    const got = await customer.receives(({ text }) => text === 'Yes, from 9 to 18.');

    const bubble = page.getByRole('article').filter({ hasText: 'Yes, from 9 to 18.' });
    await expect.poll(() => bubble.count()).toBe(1);
    await service.phones('POST', `/phones/${customer.number}/read`, { id: got.id, type: 'read' });
    await bubble.getByText('Read', { exact: true }).waitFor();
    expect(await box(page).inputValue()).toBe('');
  });

  it('shows edits with what was there before, deletions, and reactions', async () => {
    const { page } = visit;
    const { customer } = await conversation();
    const first = await customer.writes('At nine?');
    await log(page).getByText('At nine?').waitFor();
    await customer.does({ edit: { id: first, from: customer.number }, text: 'At ten?' });
    await log(page).getByText('At ten?').waitFor();
    await page.getByRole('article').filter({ hasText: 'At ten?' }).hover();
    await page.getByRole('button', { name: 'What to do with this message' }).last().click();
    await page.getByRole('menuitem', { name: 'Earlier texts' }).click();
    await page.getByRole('dialog').getByText('At nine?').waitFor();
    await page.keyboard.press('Escape');
    const second = await customer.writes('Never mind');
    await log(page).getByText('Never mind').waitFor();
    await customer.does({ revoke: { id: second, from: customer.number } });

    await log(page).getByText('This message was deleted').waitFor();
    await page.getByRole('article').filter({ hasText: 'At ten?' }).hover();
    await page
      .getByRole('article')
      .filter({ hasText: 'At ten?' })
      .getByRole('button', { name: 'What to do with this message' })
      .click();
    await page.getByRole('menuitem', { name: 'React with 👍' }).click();
    await page.getByRole('article').filter({ hasText: 'At ten?' }).getByText('👍').waitFor();
  });

  it('is answered to a message by keyboard alone, and a note stays inside', async () => {
    const { page } = visit;
    const { customer, contactId } = await conversation('Keyboard', 'Which day?');
    const person = keyboardPerson(page);
    await person.press(page.getByRole('button', { name: 'What to do with this message' }));
    await person.press(page.getByRole('menuitem', { name: 'Reply' }));
    await page.locator('textarea:focus').waitFor();
    await page.keyboard.type('Friday');
    await page.keyboard.press('Enter');
    await customer.receives(({ text }) => text === 'Friday');
    await page
      .getByRole('article')
      .filter({ hasText: 'Friday' })
      .getByRole('button', { name: /Which day/ })
      .waitFor();

    await person.press(page.getByRole('button', { name: 'Internal note' }));
    await person.write(page.getByRole('textbox', { name: 'Internal note' }), 'She is a doctor');
    await page.keyboard.press('Enter');
    await log(page).getByText('She is a doctor').waitFor();
    const { notes } = await service.call<{ notes: { content: string }[] }>(
      'GET',
      `/api/notes?organization_id=${shop.organizationId}&contact_id=${contactId}`,
    );
    expect(notes.map(({ content }) => content)).toEqual(['She is a doctor']);
  });

  it('has notes that two people change at once: what was written stays, and they choose', async () => {
    const { page } = visit;
    const { contactId } = await conversation();
    const as = (text: string) => ({ organization_id: shop.organizationId, text });
    const { note } = await service.call<{ note: { id: string } }>(
      'POST',
      `/api/contacts/${contactId}/notes`,
      as('Prefers mornings'),
    );
    const bubble = log(page).getByRole('article').filter({ hasText: 'Prefers' });
    await bubble.hover();
    await bubble.getByRole('button', { name: 'What to do with this note' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    const text = page.getByRole('textbox', { name: 'Edit note' });
    await text.fill('Prefers evenings');
    await service.call('PATCH', `/api/notes/${note.id}`, as('Prefers afternoons'));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('Prefers afternoons').waitFor();
    expect(await text.inputValue()).toBe('Prefers evenings');
    expect(await visit.accessibilityFaults()).toEqual([]);
    await page.getByRole('button', { name: 'Save mine over it' }).click();
    await bubble.getByText('Prefers evenings').waitFor();

    await bubble.hover();
    await bubble.getByRole('button', { name: 'What to do with this note' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete note' }).click();
    await bubble.waitFor({ state: 'detached' });
  });

  it('becomes a booking in one step', async () => {
    const { page } = visit;
    const { contactId } = await conversation('Booker', 'A haircut on Friday');
    await page.getByRole('article').hover();
    await page.getByRole('button', { name: 'What to do with this message' }).click();
    await page.getByRole('menuitem', { name: 'New booking' }).click();
    await page.getByRole('checkbox', { name: 'Confirm it at once' }).check();
    await page.getByRole('button', { name: 'Create booking' }).click();
    await page.getByText('Booking created').waitFor();

    const { bookings } = await service.call<{ bookings: { title: string | null; status: string }[] }>(
      'GET',
      `/api/bookings?organization_id=${shop.organizationId}&contact_id=${contactId}`,
    );
    expect(bookings).toContainEqual(
      expect.objectContaining({ title: 'A haircut on Friday', status: 'confirmed' }),
    );
    // The dialog reads settings, too.
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('link', { name: 'Business', exact: true }).click();
    await page.getByLabel('Time zone').waitFor();
  });

  it('keeps a draft', async () => {
    const { page } = visit;
    const { name, contactId } = await conversation();
    await box(page).fill('I have to look that up');
    await visit.open('/inbox');
    await rowOf(page, name).getByText('I have to look that up').waitFor();
    await visit.open(`/inbox/${contactId}`);

    await expect.poll(() => box(page).inputValue()).toBe('I have to look that up');
  });

  it('opens at its end, however high what it shows is', async () => {
    const { customer, contactId } = await conversation();
    for (const caption of ['one', 'two', 'three', 'four']) {
      await customer.writes({ image: { caption } });
    }
    const visitor = await another({ width: 1280, height: 800 });
    await visitor.open(`/inbox/${contactId}`);
    await log(visitor.page).getByText('four', { exact: true }).waitFor();
    const pictures = log(visitor.page).getByRole('button', { name: 'Picture: show large' });
    await expect.poll(() => pictures.count()).toBe(4);
    const toEnd = () =>
      log(visitor.page).evaluate(
        ({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight,
      );

    await expect.poll(toEnd).toBeLessThan(2);
    expect(await log(visitor.page).evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(0);
  });

  it('reads on backwards without an end, and new ones come without a jump', async () => {
    const { page } = visit;
    const { customer } = await conversation('Talkative', 'The very first');
    for (let count = 1; count <= 90; count += 1) {
      await customer.writes(`Line ${count}`);
    }
    await log(page).getByText('Line 90', { exact: true }).waitFor();
    for (;;) {
      await log(page).evaluate((element) => element.scrollTo(0, 0));
      if ((await log(page).getByText('The very first').count()) > 0) {
        break;
      }
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    const place = async () => (await log(page).getByText('The very first').boundingBox())!.y;
    const before = await place();
    await customer.writes('Something new');
    await rowOf(page, 'Talkative').getByText('Something new').waitFor();

    expect(await place()).toBe(before);
    await page.getByRole('button', { name: 'To the newest message' }).click();
    await log(page).getByText('Something new').waitFor();
  });
});

describe('bookings of a contact', () => {
  it('are confirmed, changed and, after a question, cancelled, as where all bookings are', async () => {
    const { page } = visit;
    const { contactId, name } = await conversation();
    const { id } = (await shop.bookings()).find((one) => one['contact_id'] === contactId)!;
    await shop.changeBooking(String(id), { title: 'Haircut' });
    await page.getByRole('button', { name: `Bookings of ${name}` }).click();
    const card = page.getByRole('dialog', { name: 'Bookings' }).getByRole('article');
    await card.getByText('Pending', { exact: true }).waitFor();
    await card.getByRole('button', { name: 'Haircut' }).waitFor();
    await card.getByRole('button', { name: 'Confirm' }).click();
    await card.getByText('Confirmed', { exact: true }).waitFor();

    await card.getByRole('button', { name: 'Haircut' }).click();
    await page.getByRole('textbox', { name: 'Title' }).fill('Cut & wash');
    await shop.changeBooking(String(id), { title: 'Shave' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else changed this booking while you were writing.').waitFor();
    await page.getByRole('button', { name: 'Save mine over it' }).click();
    await card.getByRole('button', { name: 'Cut & wash' }).waitFor();

    await card.getByRole('button', { name: 'Cancel booking' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel booking' }).click();
    await card.getByText('Cancelled', { exact: true }).waitFor();
  });

  it('are there as soon as a message opens one', async () => {
    const { page } = await another({ width: 1600 });
    const customer = await shop.phone('Wide', aNumber());
    await customer.writes('Hello!');
    const contactId = await customer.contactId();
    const booking = (await shop.bookings()).find((one) => one['contact_id'] === contactId)!;
    await shop.changeBooking(String(booking['id']), { status: 'cancelled' });
    await page.goto(`/inbox/${contactId}`);
    const cards = page.getByRole('complementary', { name: 'Bookings' }).getByRole('article');
    await cards.getByText('Cancelled', { exact: true }).waitFor();
    await customer.writes('Another one, please');

    await cards.getByText('Pending', { exact: true }).waitFor();
  });
});

describe('files', () => {
  it('come: a picture opens large, a voice note plays, a film is read part by part, a document is saved', async () => {
    const { page } = visit;
    const { customer } = await conversation();
    await customer.writes({ image: { caption: 'the place' } });
    await customer.writes({ audio: { ptt: true, file: { base64: VOICE_SAMPLE.toString('base64') } } });
    await page.getByRole('button', { name: 'Picture: show large' }).click();
    await page.getByRole('button', { name: 'Larger' }).click();
    await expect
      .poll(() =>
        page
          .getByRole('dialog')
          .locator('img')
          .evaluate((image) => image.style.transform),
      )
      .toContain('scale(1.5)');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.getByRole('slider', { name: 'Position' }).waitFor();

    await customer.writes({ document: { fileName: 'letter.pdf' } });
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save letter.pdf' }).click();
    expect((await download).suggestedFilename()).toBe('letter.pdf');
    await customer.writes({ video: { seconds: 3 } });
    const asked = page.waitForRequest((request) => request.url().includes('/api/media-link?token='));
    await page.getByRole('button', { name: 'Play the video' }).click();
    expect((await asked).headers()['range']).toMatch(/^bytes=/);
  });

  it('go: chosen, pasted and dropped, with a caption', async () => {
    const { page } = visit;
    const { customer } = await conversation();
    await page
      .locator('input[type=file]')
      .nth(1)
      .setInputFiles({ name: 'prices.txt', mimeType: 'text/plain', buffer: Buffer.from('cut: 30') });
    await give(page, 'paste', 'notes.txt');
    await give(page, 'drop', 'plan.txt');
    await page.getByText('plan.txt').waitFor();
    await box(page).fill('Here you are');
    await page.keyboard.press('Enter');
    const kinds = ['prices.txt', 'notes.txt', 'plan.txt'];
    for (const name of kinds) {
      await customer.receives(({ file }) => file?.fileName === name);
      await page.getByRole('button', { name: `Save ${name}` }).waitFor();
    }
  });

  it('are spoken: a voice note is recorded as phones take it', async () => {
    const { page } = visit;
    const { customer } = await conversation();
    await page.getByRole('button', { name: 'Record a voice note' }).click();
    await page.getByRole('timer').getByText('0:02').waitFor();
    await page.getByRole('button', { name: 'Send the voice note' }).click();
    const got = await customer.receives(({ kind }) => kind === 'audioMessage');

    expect(got.file?.mimetype).toBe('audio/ogg; codecs=opus');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  });
});

describe('several people', () => {
  it('see that others read and write, and the same', async () => {
    const { customer, contactId } = await conversation();
    const colleague = await another();
    await colleague.open(`/inbox/${contactId}`);
    await visit.page.getByText('Somebody reads this, too').waitFor();
    await colleague.page.getByText('Somebody reads this, too').waitFor();
    await box(colleague.page).pressSequentially('I ans');
    await visit.page.getByText('Somebody writes …').waitFor();
    await box(colleague.page).fill('I answered');
    await colleague.page.keyboard.press('Enter');
    await customer.receives(({ text }) => text === 'I answered');

    await log(visit.page).getByText('I answered').waitFor();
    await colleague.open('/numbers');
    await visit.page.getByText('Somebody reads this, too').waitFor({ state: 'detached' });
  });
});

async function give(page: Page, how: 'paste' | 'drop', name: string): Promise<void> {
  await box(page).evaluate(
    (element, { how: event, name: called }) => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], called, { type: 'text/plain' }));
      element.dispatchEvent(
        event === 'paste'
          ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
          : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
      );
    },
    { how, name },
  );
}

describe.each([
  ['pt-BR', { box: 'Mensagem', send: 'Enviar', read: 'Lida', list: 'Conversas' }],
  ['es', { box: 'Mensaje', send: 'Enviar', read: 'Leído', list: 'Conversaciones' }],
] as const)('in %s', (locale, words) => {
  it('is answered on a phone', async () => {
    const customer = await shop.phone(`Cliente ${locale}`, aNumber());
    await customer.writes('Oi!');
    const { page } = await another({ locale, width: 360, height: 740 });
    await page.goto('/inbox');
    await page
      .getByRole('list', { name: words.list })
      .getByRole('link', { name: `Cliente ${locale}` })
      .click();
    await page.getByRole('textbox', { name: words.box, exact: true }).fill('Até logo');
    await page.getByRole('button', { name: words.send, exact: true }).click();
    const { id } = await customer.receives(({ text }) => text === 'Até logo');
    await service.phones('POST', `/phones/${customer.number}/read`, { id, type: 'read' });

    await page.getByRole('article').getByText(words.read, { exact: true }).waitFor();
    expect(await others[0]!.sidewaysScroll()).toBe(0);
  });
});
