import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import { Visit } from './support/visit.js';

interface Message {
  id: string;
  type: string;
  content: string;
  status: string;
  reactions?: { emoji: string }[];
  edited_at: string | null;
  deleted_at: string | null;
}

/** What the menu of kinds offers, and what the service stores it as. */
const KINDS: Record<string, string> = {
  Picture: 'image',
  Video: 'video',
  GIF: 'gif',
  'Video note': 'video_note',
  'Voice note': 'voice',
  Audio: 'audio',
  Document: 'document',
  Sticker: 'sticker',
  Album: 'album',
  Place: 'location',
  'Live location': 'live_location',
  Contact: 'contact',
  'Several contacts': 'contact',
  Poll: 'poll',
  Event: 'event',
  Product: 'product',
  Order: 'order',
  'Request for money': 'payment',
  'Invitation to a group': 'group_invite',
  'Tap on a button': 'text',
  'Choice from a list': 'text',
};

let browser: Browser;
let service: ConsoleService;
let organizationId: string;
let visit: Visit;
let nextNumber = 5_511_970_100_001;

beforeAll(async () => {
  browser = await startChromium();
  service = await ConsoleService.start();
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});
beforeEach(async () => {
  organizationId = `org_${randomUUID().slice(0, 8)}`;
  await service.call('POST', '/api/organizations', { id: organizationId, name: 'Clínica Sol' });
  visit = await Visit.begin(browser, service.url, { organizationId });
});
afterEach(() => visit.end());

const aNumber = () => String(nextNumber++);
const button = (name: string | RegExp) => visit.page.getByRole('button', { name });
const item = (name: string) => visit.page.getByRole('menuitem', { name, exact: true });
const messages = async () =>
  (
    await service.call<{ messages: Message[] }>(
      'GET',
      `/api/messages?organization_id=${organizationId}&limit=100`,
    )
  ).messages;

/** A linked number, and a phone that writes to it. */
async function customerOf(): Promise<{ instance: string; owner: string; customer: string }> {
  const [owner, customer] = [aNumber(), aNumber()];
  const instance = await service.linkedNumber(organizationId, owner, 'Shop');
  await service.phones('POST', '/phones', { number: customer, name: 'Ana' });
  return { instance, owner, customer };
}

it('adds a phone that writes, sees the answer with its picture, and reads it', async () => {
  const owner = aNumber();
  const instance = await service.linkedNumber(organizationId, owner, 'Shop');
  await visit.open('/simulator');
  await button('Add a phone').first().click();
  await visit.page.getByLabel('Name').fill('Bia');
  const number = aNumber();
  await visit.page.getByLabel('Phone number').fill(`+${number}`);
  await visit.page.getByRole('dialog').getByRole('button', { name: 'Add a phone' }).click();
  await visit.page.getByRole('heading', { name: 'Bia' }).waitFor();
  await visit.page.getByLabel('Chat with').first().selectOption(owner);
  await visit.page.getByLabel('Write a message').fill('Are you open?');
  await visit.page.keyboard.press('Enter');
  await visit.page.getByText('Delivered').waitFor({ state: 'attached' });
  await expect.poll(async () => (await messages()).map(({ content }) => content)).toEqual(['Are you open?']);

  await service.call('POST', `/api/whatsapp/instances/${instance}/send`, { to: number, message: 'We are!' });
  await visit.page.getByText('We are!').waitFor();
  await button('Read all').click();
  await visit.page.getByText('Everything is marked as read').waitFor();
  await expect
    .poll(async () => (await messages()).find(({ content }) => content === 'We are!')?.status)
    .toBe('read');
});

it('edits, reacts to, answers and deletes messages', async () => {
  const { instance, owner, customer } = await customerOf();
  await service.phones('POST', `/phones/${customer}/write`, { to: owner, text: 'helo', acknowledged: true });
  await service.call('POST', `/api/whatsapp/instances/${instance}/send`, { to: customer, message: 'Hi!' });
  await visit.open(`/simulator/${customer}/${owner}`);
  await button(/^What to do with the message helo/).click();
  await item('Edit').click();
  await visit.page.getByLabel('Write a message').fill('hello');
  await button('Send').click();
  await visit.page.getByText('edited').waitFor();
  await button(/^What to do with the message Hi!/).click();
  await item('React 👍').click();
  await visit.page.getByRole('list', { name: 'Reactions' }).getByText('👍').waitFor();
  await button(/^What to do with the message Hi!/).click();
  await item('Reply').click();
  await visit.page.getByText('Replying to:').waitFor();
  await visit.page.getByLabel('Write a message').fill('Thanks');
  await visit.page.keyboard.press('Enter');
  await visit.page.getByRole('blockquote').getByText('Hi!').waitFor();
  await button(/^What to do with the message Thanks/).click();
  await item('Delete for everyone').click();
  await visit.page.getByText('Deleted', { exact: true }).waitFor();

  await expect
    .poll(async () => {
      const all = await messages();
      return [
        all.some(({ content, edited_at }) => content === 'hello' && edited_at !== null),
        all.some(({ content, reactions }) => content === 'Hi!' && reactions?.[0]?.emoji === '👍'),
        all.some(({ deleted_at }) => deleted_at !== null),
      ];
    })
    .toEqual([true, true, true]);
});

it('writes every kind of message, each of which arrives as what it is', async () => {
  const { owner, customer } = await customerOf();
  await visit.open(`/simulator/${customer}/${owner}`);
  await button('Other kinds of message').click();
  const offered = await visit.page.getByRole('menuitem').allTextContents();
  expect(offered).toEqual(Object.keys(KINDS));
  await visit.page.keyboard.press('Escape');
  for (const name of offered) {
    await button('Other kinds of message').click();
    await item(name).click();
    const dialog = visit.page.getByRole('dialog', { name });
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.waitFor({ state: 'detached' });
  }

  await expect
    .poll(async () => (await messages()).map(({ type }) => type).toReversed())
    .toEqual(offered.map((name) => KINDS[name]));
});

it('sends a file of one’s own, and shows it', async () => {
  const { owner, customer } = await customerOf();
  await visit.open(`/simulator/${customer}/${owner}`);
  await button('Other kinds of message').click();
  await item('Picture').click();
  const buffer = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  await visit.page
    .getByLabel('File')
    .setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: Buffer.alloc(800_000) });
  await button('Send').last().click();
  await visit.page.getByText('This file has more than 700 kB.').waitFor();
  await visit.page.getByLabel('File').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer });
  await visit.page.getByLabel('Caption').fill('<img src=x onerror=alert(1)>');
  await visit.page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();

  await visit.page.getByRole('img', { name: 'Picture' }).waitFor();
  await visit.page.getByText('<img src=x onerror=alert(1)>').waitFor();
  const width = () =>
    visit.page
      .getByRole('img', { name: 'Picture' })
      .evaluate((image) => (image as HTMLImageElement).naturalWidth);
  await expect.poll(width).toBe(1);
});

it('scans the code of a number that waits, and is unlinked again', async () => {
  const number = aNumber();
  await service.phones('POST', '/phones', { number, name: 'Owner' });
  await service.phones('POST', '/phones', { number: aNumber(), name: 'Ana' });
  await service.call('POST', '/api/whatsapp/instances', {
    organization_id: organizationId,
    instance_name: 'Shop',
  });
  await visit.open(`/simulator/${number}`);
  await button('Scan or type a code').click();
  await button('Use the code').click();
  await visit.page.getByText('Write the code.').waitFor();
  await button('Scan the QR code of Shop').click();
  await visit.page.getByText('Owner is linked').waitFor();
  await visit.page.getByText('Linked', { exact: true }).waitFor();
  await button('More about Owner').click();
  await item('Remove the linked device').click();
  await visit.page.getByText('Linked', { exact: true }).waitFor({ state: 'detached' });
});

it('types a code, makes a group and writes into it, by keyboard alone', async () => {
  const [number, ana] = [aNumber(), aNumber()];
  await service.phones('POST', '/phones', { number, name: 'Owner' });
  await service.phones('POST', '/phones', { number: ana, name: 'Ana' });
  const { instance } = await service.call<{ instance: { id: string } }>('POST', '/api/whatsapp/instances', {
    organization_id: organizationId,
    instance_name: 'Shop',
    phone_number: number,
  });
  const { pairingCode } = await service.call<{ pairingCode: string }>(
    'POST',
    `/api/whatsapp/instances/${instance.id}/connect`,
    { method: 'code' },
  );
  const { keyboard } = visit.page;
  await visit.open(`/simulator/${number}`);
  await button('Scan or type a code').focus();
  await keyboard.press('Enter');
  await visit.page.getByLabel('Code', { exact: true }).focus();
  await keyboard.type(pairingCode);
  await keyboard.press('Enter');
  await visit.page.getByText('Owner is linked').waitFor();

  await button('More about Owner').focus();
  await keyboard.press('Enter');
  await item('Make a group').waitFor();
  await keyboard.press('Enter');
  await visit.page.getByLabel('Name of the group').focus();
  await keyboard.type('Family');
  await visit.page
    .getByRole('checkbox', { name: /^Ana \(.*/ })
    .last()
    .focus();
  await keyboard.press('Space');
  await keyboard.press('Enter');
  await expect.poll(() => visit.page.getByLabel('Chat with').first().inputValue()).toContain('g.us');
  await visit.page.getByLabel('Write a message').focus();
  await keyboard.type('Hello all');
  await keyboard.press('Enter');
  await visit.page.getByText('Hello all').waitFor();
  await expect
    .poll(async () => {
      const { groups } = await service.phones<{ groups: { subject: string; members: string[] }[] }>(
        'GET',
        '/groups',
      );
      return groups.find(({ subject }) => subject === 'Family')?.members.length;
    })
    .toBe(2);
});

it('is not there where the service is really on WhatsApp', async () => {
  await visit.page.route('**/api/console', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), simulator: false } });
  });
  await visit.open('/simulator');
  await visit.page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  expect(await visit.page.getByRole('link', { name: 'Simulated phones' }).count()).toBe(0);
});
