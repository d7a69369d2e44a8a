import { setTimeout } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { BuiltService, type ServiceHome } from '../support/built-service.js';
import { listen } from '../support/event-collector.js';
import { freePort } from '../support/free-port.js';
import { makeMigratedHome } from '../support/migrated-copy.js';
import { startChromium } from '../support/browser.js';
import { Visit } from './support/visit.js';

const ORGANIZATION = 'org_away';
const EACH = 5;
/** For how long the service stays away once the page has noticed. */
const AWAY_MS = Number(process.env['AWAY_SECONDS'] ?? 0) * 1_000;
const LIMIT_MS = 240_000 + AWAY_MS;

let browser: Browser;
let simulator: WhatsAppSimulator;
let home: ServiceHome;
let port: number;
let service: BuiltService;
let owner: Phone;
let customer: Phone;
let visit: Visit;

/** The network is another process than the service, as WhatsApp is: what is written while the service is away waits there. */
beforeAll(async () => {
  [browser, simulator, home, port] = await Promise.all([
    startChromium(),
    WhatsAppSimulator.start({}),
    makeMigratedHome(),
    freePort(),
  ]);
  owner = simulator.addPhone({ number: '5511970500001', name: 'Owner' });
  customer = simulator.addPhone({ number: '5511970500002', name: 'Ana' });
  service = await start();
  const instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  const events = await listen(service.url, ORGANIZATION);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  events.close();
});
afterAll(async () => {
  await browser.close();
  await service.stop();
  await simulator.stop();
  await home.remove();
});
beforeEach(async () => {
  visit = await Visit.begin(browser, `http://127.0.0.1:${port}`, { organizationId: ORGANIZATION });
});
afterEach(() => visit.end());

const start = () =>
  BuiltService.start(home, {
    PORT: String(port),
    HOST: '127.0.0.1',
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
  });

/** Has the service gone until each tab knows and something was done, then back until each tab knows. */
async function away(tabs: readonly Visit[], signal: NodeJS.Signals, meanwhile: () => Promise<void>) {
  const all = (look: (page: Page) => Promise<void>) => Promise.all(tabs.map(({ page }) => look(page)));
  await service.stop(signal);
  await all((page) => page.getByText('No connection.').waitFor());
  await meanwhile();
  await setTimeout(AWAY_MS);
  service = await start();
  await all((page) => page.getByText('Connected again.').waitFor());
  await all((page) => page.getByText('No connection.').waitFor({ state: 'detached' }));
}

/** What is written while the service is away is taken when it is back. */
async function write(from: Phone, texts: readonly string[], options: { isTaken: boolean }): Promise<void> {
  for (const text of texts) {
    const sent = await from.writes(owner, text);
    if (options.isTaken) {
      await sent.acknowledged();
    }
  }
}

const numbered = (from: number) => Array.from({ length: EACH }, (_, place) => `Message ${from + place}`);

async function read<Answer>(path: string): Promise<Answer> {
  return (await service.api.call<Answer>('GET', path)).body;
}

it(
  'loses and doubles nothing on screen while the service is away and when it is back',
  async () => {
    const { page } = visit;
    await visit.open('/integrations/events');
    await page.getByText('Waiting for events …').waitFor();
    await page.getByLabel('Kind').selectOption('whatsapp:message');
    const shown = async () =>
      (
        await page
          .getByRole('list', { name: 'Events' })
          .getByText(/^Event \d+$/)
          .allTextContents()
      ).map((text) => Number(text.replace('Event ', '')));
    await write(customer, numbered(1), { isTaken: true });
    await expect.poll(async () => (await shown()).length).toBe(EACH);

    await away([visit], 'SIGTERM', async () => {
      expect(await visit.accessibilityFaults()).toEqual([]);
      await write(customer, numbered(1 + EACH), { isTaken: false });
    });
    await write(customer, numbered(1 + 2 * EACH), { isTaken: true });

    await expect.poll(async () => (await shown()).length).toBe(3 * EACH);
    const sequences = await shown();
    expect(sequences).toEqual([...new Set(sequences)].toSorted((a, b) => b - a));
    // What is on screen is what there is.
    const { events } = await read<{ events: { name: string; sequence: number }[] }>(
      `/api/events?organization_id=${ORGANIZATION}&limit=500`,
    );
    const stored = events.filter(({ name }) => name === 'whatsapp:message');
    expect(sequences.toReversed()).toEqual(stored.map(({ sequence }) => sequence));
  },
  LIMIT_MS,
);

it(
  'has two tabs of the inbox agree with what is stored after the service was killed',
  async () => {
    const customer = simulator.addPhone({ number: '5511970500003', name: 'Carla' });
    const other = simulator.addPhone({ number: '5511970500004', name: 'Bruno' });
    await write(customer, ['Are you there?'], { isTaken: true });
    await write(other, ['Hello'], { isTaken: true });
    const contactId = await contactOf(customer);
    const colleague = await visit.anotherTab();
    const tabs = [visit, colleague];
    for (const tab of tabs) {
      await tab.open(`/inbox/${contactId}`);
      await tab.page.getByRole('log').getByText('Are you there?').waitFor();
    }

    await away(tabs, 'SIGKILL', async () => {
      await write(customer, ['Hello?', 'Nobody there?'], { isTaken: false });
      await colleague.page.getByRole('textbox', { name: 'Message', exact: true }).fill('We are back');
      await colleague.page.keyboard.press('Enter');
      await colleague.page.getByText('Waits for the connection …').waitFor();
      expect(await colleague.accessibilityFaults()).toEqual([]);
      await write(other, ['Are you open?', 'On Saturday, I mean'], { isTaken: false });
      await write(customer, ['Well …'], { isTaken: false });
    });
    await customer.receives(({ text }) => text === 'We are back');
    await write(customer, ['There you are'], { isTaken: true });

    await expect
      .poll(async () => (await conversations()).slice(0, 2))
      .toEqual([
        { name: 'Carla', last: 'There you are', unread: 0 },
        { name: 'Bruno', last: 'On Saturday, I mean', unread: 3 },
      ]);
    const stored = await messagesOf(contactId);
    expect(stored.filter(({ isOurs }) => !isOurs).map(({ content }) => content)).toEqual([
      'Are you there?',
      'Hello?',
      'Nobody there?',
      'Well …',
      'There you are',
    ]);
    expect(stored.filter(({ isOurs }) => isOurs)).toEqual([{ content: 'We are back', isOurs: true }]);
    // The page shows by when they were sent what is stored by when it came: the answer may have come before what was written before it.
    const byContent = (shown: typeof stored) => shown.toSorted((a, b) => a.content.localeCompare(b.content));
    for (const { page } of tabs) {
      await expect.poll(async () => byContent(await shownMessages(page))).toEqual(byContent(stored));
      await expect.poll(() => shownMessages(page)).toEqual(await shownMessages(visit.page));
      await expect.poll(() => shownConversations(page)).toEqual(await conversations());
      expect(await page.getByText('Waits for the connection …').count()).toBe(0);
    }
    expect(customer.received.filter(({ text }) => text === 'We are back')).toHaveLength(1);
  },
  LIMIT_MS,
);

it(
  'shows a number as it is after the service was away, without anybody doing anything',
  async () => {
    const { page } = visit;
    await visit.open('/numbers');
    await page.getByText('Connected', { exact: true }).waitFor();
    await away([visit], 'SIGTERM', async () => owner.unlinks());
    await page.getByText('Somebody removed the link on the phone').waitFor();
  },
  LIMIT_MS,
);

async function contactOf(phone: Phone): Promise<string> {
  const { contacts } = await read<{ contacts: { id: string }[] }>(
    `/api/contacts?organization_id=${ORGANIZATION}&phone_number=${phone.number}`,
  );
  return contacts[0]!.id;
}

interface ShownMessage {
  content: string;
  isOurs: boolean;
}

/** The oldest first. */
async function messagesOf(contactId: string): Promise<ShownMessage[]> {
  const { messages } = await read<{ messages: { content: string; direction: string }[] }>(
    `/api/messages?organization_id=${ORGANIZATION}&contact_id=${contactId}`,
  );
  return messages
    .map(({ content, direction }) => ({ content, isOurs: direction === 'outbound' }))
    .toReversed();
}

function shownMessages(page: Page): Promise<ShownMessage[]> {
  return page
    .getByRole('log')
    .getByRole('article')
    .evaluateAll((bubbles) =>
      bubbles.map((bubble) => ({
        content: bubble.querySelector('p')!.textContent,
        isOurs: bubble.textContent.startsWith('We wrote:'),
      })),
    );
}

interface ShownConversation {
  name: string;
  last: string;
  unread: number;
}

/** Where somebody wrote last first. */
async function conversations(): Promise<ShownConversation[]> {
  const found = await read<{
    conversations: { contact: { name: string }; last_message: { content: string }; unread_count: number }[];
  }>(`/api/conversations?organization_id=${ORGANIZATION}`);
  return found.conversations.map(({ contact, last_message, unread_count }) => ({
    name: contact.name,
    last: last_message.content,
    unread: unread_count,
  }));
}

function shownConversations(page: Page): Promise<ShownConversation[]> {
  return page
    .getByRole('list', { name: 'Conversations' })
    .getByRole('link')
    .evaluateAll((links) =>
      links.map((link) => {
        const [, who, signs] = link.children;
        const [name, last] = who!.children;
        const told = [...signs!.querySelectorAll('.visually-hidden')].map(({ textContent }) => textContent);
        const unread = told.find((text) => text.includes('unread'));
        return {
          name: name!.textContent,
          last: last!.lastElementChild!.textContent,
          unread: Number.parseInt(unread ?? '0', 10),
        };
      }),
    );
}
