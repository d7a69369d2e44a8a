import type { ConsoleService } from '../support/console-service.js';
import type { Scene } from '../support/scene.js';

const ORGANIZATION = 'scenes-simulator';
const OWNER = '5511999870001';
const CUSTOMER = '5521988760001';

/** A customer and a business who wrote to each other in many ways. */
async function phones(service: ConsoleService): Promise<string> {
  const { organizations } = await service.call<{ organizations: { id: string }[] }>(
    'GET',
    '/api/organizations?limit=100',
  );
  if (organizations.some(({ id }) => id === ORGANIZATION)) {
    return ORGANIZATION;
  }
  await service.call('POST', '/api/organizations', { id: ORGANIZATION, name: 'Clínica Sol' });
  const instance = await service.linkedNumber(ORGANIZATION, OWNER, 'Clínica Sol');
  await service.phones('POST', '/phones', { number: CUSTOMER, name: 'Ana Prado' });
  const write = (content: object) =>
    service.phones<{ id: string }>('POST', `/phones/${CUSTOMER}/write`, {
      to: OWNER,
      content,
      acknowledged: true,
    });
  const hello = await write({ text: 'Helo! Is there room for a haircut tomorrow?' });
  const from = CUSTOMER;
  await write({ edit: { id: hello.id, from }, text: 'Hello! Is there room for a haircut tomorrow?' });
  await write({ image: { caption: 'Something like this' } });
  await write({ audio: { seconds: 4 } });
  await write({ document: { fileName: 'A very long name of a document that somebody sends 2026.pdf' } });
  await write({ poll: { question: 'Which time is better?', options: ['10:00', '14:00'] } });
  const oops = await write({ text: 'oops' });
  await write({ revoke: { id: oops.id, from } });
  await service.call('POST', `/api/whatsapp/instances/${instance}/send`, {
    to: CUSTOMER,
    message: 'Of course, at 10 o’clock.',
  });
  const { messages } = await service.phones<{ messages: { id: string }[] }>(
    'GET',
    `/phones/${CUSTOMER}/messages?after=0&wait=10000`,
  );
  const answer = { id: messages[0]!.id, from: OWNER };
  await write({ reaction: '👍', to: answer });
  await write({ text: 'Perfect, see you then!', replyTo: { ...answer, text: 'Of course, at 10 o’clock.' } });
  return ORGANIZATION;
}

export const scenes: Scene[] = [
  {
    name: 'simulator-empty',
    prepare: phones,
    async show({ page }) {
      await page.route('**/api/simulator/phones', (route) => route.fulfill({ json: { phones: [] } }));
      await page.goto('/simulator');
      await page.getByRole('heading', { name: 'No phone yet' }).waitFor();
    },
  },
  {
    name: 'simulator-loading',
    prepare: phones,
    async show(visit) {
      const { page } = visit;
      const isHeld = await visit.hold('**/api/simulator/phones');
      await page.goto('/simulator');
      await isHeld();
    },
  },
  {
    name: 'simulator-error',
    prepare: phones,
    async show(visit) {
      const { page } = visit;
      await visit.refuse('**/api/simulator/phones');
      await page.goto('/simulator');
      await visit.saysThatItFailed();
    },
  },
  {
    name: 'simulator-phones',
    prepare: phones,
    async show({ page }) {
      await page.goto('/simulator');
      await page.getByRole('link', { name: /Ana Prado/ }).waitFor();
    },
  },
  {
    name: 'simulator-chat',
    prepare: phones,
    async show({ page }) {
      await page.goto(`/simulator/${CUSTOMER}/${OWNER}`);
      await page.getByText('Perfect, see you then!').waitFor();
      await page.getByRole('img', { name: 'Picture' }).waitFor();
    },
  },
  {
    name: 'simulator-kind',
    prepare: phones,
    async show({ page }) {
      await page.goto(`/simulator/${CUSTOMER}/${OWNER}`);
      await page.getByRole('button', { name: 'Other kinds of message' }).click();
      await page.getByRole('menuitem', { name: 'Picture' }).click();
      await page.getByLabel('Caption').waitFor();
    },
  },
  {
    name: 'simulator-message-menu',
    prepare: phones,
    async show({ page }) {
      await page.goto(`/simulator/${CUSTOMER}/${OWNER}`);
      await page.getByRole('button', { name: /with the message Perfect/ }).click();
      await page.getByRole('menuitem', { name: 'Reply' }).waitFor();
    },
  },
  {
    name: 'simulator-link',
    prepare: phones,
    async show({ page }) {
      await page.goto(`/simulator/${CUSTOMER}`);
      await page.getByRole('button', { name: 'Scan or type a code' }).click();
      await page.getByRole('textbox', { name: 'Code' }).waitFor();
    },
  },
];
