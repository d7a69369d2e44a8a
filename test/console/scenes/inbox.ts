import { randomUUID } from 'node:crypto';
import { VOICE_SAMPLE } from '../../support/voice-sample.js';
import type { ConsoleService } from '../support/console-service.js';
import { inLongLanguages, onLargeScreen, type Scene } from '../support/scene.js';
import { Shop } from '../support/shop.js';
import type { Visit } from '../support/visit.js';

const ORGANIZATION = 'scenes-inbox';
const SHOP_NUMBER = '5511999770001';
const ANA = '5521988660001';

let isPrepared: Promise<string> | undefined;

/** One conversation with a message of each kind, and some others. */
function conversations(service: ConsoleService): Promise<string> {
  isPrepared ??= prepare(service);
  return isPrepared;
}

async function prepare(service: ConsoleService): Promise<string> {
  const shop = await Shop.open(service, {
    organizationId: ORGANIZATION,
    number: SHOP_NUMBER,
    numberName: 'Reception',
  });
  for (const [index, name] of ['Bruno Lima', 'Carla Dias', 'Davi', 'Elisa Prado', 'Fábio'].entries()) {
    const other = await shop.phone(name, `55219886600${10 + index}`);
    await other.writes(`Good morning! Do you have time on Friday at ${9 + index}?`);
  }
  const ana = await shop.phone('Ana Maria Souza', ANA);
  await ana.writes('Hello! Are you open on Saturday? I saw https://clinica.example/hours');
  await ana.writes({ image: { caption: 'This is the place' } });
  await ana.writes({ audio: { ptt: true, file: { base64: VOICE_SAMPLE.toString('base64') } } });
  await ana.writes({ video: { seconds: 5 } });
  await ana.writes({ document: { fileName: 'referral-letter.pdf' } });
  await ana.writes({ sticker: true });
  await ana.writes({
    location: { latitude: -23.55, longitude: -46.63, name: 'Café Central', address: 'Rua A, 10' },
  });
  await ana.writes({
    contact: {
      displayName: 'Dr. Paula',
      vcard: 'BEGIN:VCARD\nFN:Dr. Paula\nTEL;waid=5511988887777:+55 11 98888-7777\nEND:VCARD',
    },
  });
  await ana.writes({ poll: { question: 'Which day?', options: ['Monday', 'Tuesday'], selectable: 1 } });
  const contactId = await ana.contactId();
  await service.call('POST', `/api/contacts/${contactId}/notes`, {
    organization_id: ORGANIZATION,
    text: 'Prefers mornings. Paid the last two visits in advance.',
  });
  const { messages } = await service.call<{ messages: { id: string; content: string }[] }>(
    'GET',
    `/api/messages?organization_id=${ORGANIZATION}&contact_id=${contactId}`,
  );
  await service.call('POST', `/api/whatsapp/instances/${shop.instanceId}/send`, {
    to: ANA,
    message: 'Hello Ana! Yes, from 9 to 13. Shall I book you in?',
    reply_to: messages.at(-1)!.id,
  });
  const answer = await ana.receives(({ text }) => text?.startsWith('Hello Ana') === true);
  await ana.does({ reaction: '❤️', to: { id: answer.id, from: SHOP_NUMBER } });
  await service.event(ORGANIZATION, ({ name }) => name === 'whatsapp:reaction');
  await service.phones('POST', `/phones/${ANA}/read`, { id: answer.id, type: 'read' });
  await service.event(
    ORGANIZATION,
    ({ name, payload }) => name === 'whatsapp:message-status' && payload['status'] === 'read',
  );
  await ana.writes({
    text: 'Yes, please: 10 o’clock!',
    replyTo: { id: answer.id, from: SHOP_NUMBER, text: answer.text },
  });
  return ORGANIZATION;
}

async function openAna({ page }: Visit): Promise<void> {
  await page.goto('/inbox');
  await page.getByRole('link', { name: /Ana Maria Souza/ }).click();
  await page.getByRole('log').getByText('Yes, please: 10 o’clock!').waitFor();
  // It is read by being looked at.
  await page
    .getByRole('link', { name: /Ana Maria Souza/ })
    .getByText(/unread|não lida|no leído/)
    .waitFor({ state: 'hidden' });
  await page.waitForFunction(() => {
    const { scrollHeight, scrollTop, clientHeight } = document.querySelector('[role="log"]')!;
    return scrollHeight - scrollTop - clientHeight < 1;
  });
}

const conversation: Scene = { name: 'inbox-conversation', prepare: conversations, show: openAna };

export const scenes: Scene[] = [
  {
    name: 'inbox-empty',
    async prepare(service) {
      const id = `scenes-${randomUUID().slice(0, 8)}`;
      await service.call('POST', '/api/organizations', { id, name: 'Clínica Sol' });
      await service.call('POST', '/api/whatsapp/instances', {
        organization_id: id,
        instance_name: 'Reception',
      });
      return id;
    },
    async show({ page }) {
      await page.goto('/inbox');
      await page.getByRole('heading', { name: 'No conversation yet' }).waitFor();
    },
  },
  {
    name: 'inbox',
    prepare: conversations,
    async show({ page }) {
      await page.goto('/inbox');
      await page.getByRole('link', { name: /Ana Maria Souza/ }).waitFor();
    },
  },
  conversation,
  ...inLongLanguages(conversation),
  onLargeScreen(conversation),
  {
    name: 'inbox-conversation-loading',
    prepare: conversations,
    async show(visit) {
      const { page } = visit;
      const isHeld = await visit.hold('**/api/messages?*');
      await page.goto('/inbox');
      await page.getByRole('link', { name: /Ana Maria Souza/ }).click();
      await isHeld();
    },
  },
  {
    name: 'inbox-conversation-error',
    prepare: conversations,
    async show(visit) {
      const { page } = visit;
      await visit.refuse('**/api/messages?*');
      await page.goto('/inbox');
      await page.getByRole('link', { name: /Ana Maria Souza/ }).click();
      await visit.saysThatItFailed();
    },
  },
  {
    name: 'inbox-not-delivered',
    prepare: conversations,
    async show(visit) {
      await visit.page.route('**/api/messages?*', async (route) => {
        const response = await route.fetch();
        const answer = (await response.json()) as { messages: { direction: string }[] };
        const messages = answer.messages.map((message) =>
          message.direction === 'outbound'
            ? { ...message, status: 'failed', error: 'recipient_not_on_whatsapp' }
            : message,
        );
        await route.fulfill({ response, json: { ...answer, messages } });
      });
      await openAna(visit);
      await visit.page.getByText('this number is not on WhatsApp').waitFor();
    },
  },
  {
    name: 'inbox-nobody-found',
    prepare: conversations,
    async show({ page }) {
      await page.goto('/inbox');
      await page.getByRole('searchbox').fill('zzzz');
      await page.getByText('No conversation with such a person').waitFor();
    },
  },
  {
    name: 'inbox-oldest',
    prepare: conversations,
    async show(visit) {
      await openAna(visit);
      await visit.page.getByRole('log').focus();
      await visit.page.keyboard.press('Home');
      await visit.page.getByText('This is the place').waitFor();
      await visit.page.getByRole('button', { name: 'Picture: show large' }).locator('img').waitFor();
    },
  },
  {
    name: 'inbox-actions',
    prepare: conversations,
    async show(visit) {
      await openAna(visit);
      const { page } = visit;
      await page.getByRole('article').filter({ hasText: '10 o’clock' }).hover();
      await page.getByRole('button', { name: 'What to do with this message' }).last().click();
      await page.getByRole('menuitem', { name: 'Reply' }).waitFor();
    },
  },
  {
    name: 'inbox-picture',
    prepare: conversations,
    async show(visit) {
      await openAna(visit);
      await visit.page.getByRole('log').focus();
      await visit.page.keyboard.press('Home');
      await visit.page.getByRole('button', { name: 'Picture: show large' }).click();
      await visit.page.getByRole('button', { name: 'Larger' }).click();
    },
  },
  {
    name: 'inbox-note',
    prepare: conversations,
    async show(visit) {
      await openAna(visit);
      await visit.page.getByRole('button', { name: 'Internal note', exact: true }).click();
      await visit.page.getByRole('textbox', { name: 'Internal note' }).fill('Call her back on Monday');
    },
  },
  {
    name: 'inbox-attachments',
    prepare: conversations,
    async show(visit) {
      await openAna(visit);
      await visit.page
        .locator('input[type=file]')
        .nth(1)
        .setInputFiles([
          { name: 'price-list.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF') },
          {
            name: 'a name that is rather long for a file, and goes on and on.txt',
            mimeType: 'text/plain',
            buffer: Buffer.from('x'),
          },
        ]);
      await visit.page.getByText('price-list.pdf').waitFor();
    },
  },
  {
    name: 'inbox-quick-replies',
    prepare: conversations,
    async show(visit) {
      await openAna(visit);
      const { page } = visit;
      await page.getByRole('button', { name: 'Quick replies' }).click();
      await page
        .getByRole('textbox', { name: 'New quick reply' })
        .fill('Hello {name}, we are open from 9 to 18.');
      await page.getByRole('button', { name: 'Add' }).click();
      await page.getByRole('button', { name: /^Hello \{name\}/ }).waitFor();
    },
  },
  {
    name: 'inbox-bookings',
    prepare: conversations,
    async show(visit) {
      await openAna(visit);
      await visit.page.getByRole('button', { name: 'Bookings of Ana Maria Souza' }).click();
      await visit.page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).waitFor();
    },
  },
  {
    name: 'inbox-new-booking',
    prepare: conversations,
    async show(visit) {
      await openAna(visit);
      const { page } = visit;
      await page.getByRole('article').filter({ hasText: '10 o’clock' }).hover();
      await page.getByRole('button', { name: 'What to do with this message' }).last().click();
      await page.getByRole('menuitem', { name: 'New booking' }).click();
      await page.getByRole('button', { name: 'Create booking' }).waitFor();
    },
  },
  {
    name: 'inbox-search',
    prepare: conversations,
    async show({ page }) {
      await page.goto('/inbox');
      await page.getByRole('searchbox').fill('Friday');
      await page.getByRole('region', { name: 'Messages' }).getByRole('link').first().waitFor();
    },
  },
  {
    name: 'inbox-error',
    prepare: conversations,
    async show(visit) {
      const { page } = visit;
      await visit.refuse('**/api/conversations?*');
      await page.goto('/inbox');
      await visit.saysThatItFailed();
    },
  },
  {
    name: 'inbox-loading',
    prepare: conversations,
    async show(visit) {
      const { page } = visit;
      const isHeld = await visit.hold('**/api/conversations?*');
      await page.goto('/inbox');
      // Before the view is there, something else is loading.
      await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
      await page.getByRole('status').filter({ hasText: 'Loading' }).waitFor();
      await isHeld();
    },
  },
];
