import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LOCALES, type Locale } from '../../console/src/i18n/locales.ts';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import { BUSINESS, firstRun } from './support/first-run.js';
import { keyboardPerson, mousePerson, type Person } from './support/person.js';
import { type Texts, textsOf } from './support/texts.js';
import { Visit } from './support/visit.js';

/** What people write here, by language. */
const WRITTEN = {
  en: {
    reply: 'Yes, from 9 to 18.',
    again: 'Great! And on Sunday?',
    caption: 'Like this one, please',
    answer: 'Closed, sorry.',
    note: 'Prefers mornings',
    name: 'Ana Souza',
  },
  'pt-BR': {
    reply: 'Sim, das 9 às 18.',
    again: 'Ótimo! E no domingo?',
    caption: 'Igual a este, por favor',
    answer: 'Fechado, infelizmente.',
    note: 'Prefere de manhã',
    name: 'Ana Conceição',
  },
  es: {
    reply: 'Sí, de 9 a 18.',
    again: '¡Genial! ¿Y el domingo?',
    caption: 'Como este, por favor',
    answer: 'Cerrado, lo siento.',
    note: 'Prefiere la mañana',
    name: 'Ana Muñoz',
  },
} as const satisfies Record<Locale, object>;

let browser: Browser;
let service: ConsoleService;
let visit: Visit;
let person: Person;
let t: Texts;
let written: (typeof WRITTEN)[Locale];
let nextNumber = 999_887_001;

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

describe.each(Object.keys(LOCALES) as Locale[])('the whole main job in %s', (locale) => {
  it.each(['mouse', 'keyboard'] as const)('is done through the page alone, by %s', async (by) => {
    visit = await Visit.begin(browser, service.url, { locale, timeZone: zoneAtNoon() });
    person = by === 'mouse' ? mousePerson() : keyboardPerson(visit.page);
    t = textsOf(locale);
    written = WRITTEN[locale];

    await visit.open('/');
    await firstRun({
      page: visit.page,
      person,
      t,
      link: by === 'mouse' ? 'qr' : { phoneNumber: `+55 11 ${nextNumber++}` },
      look: looksWell,
    });
    await replyInTheInbox();
    await readAndWriteOnThePhone();
    await answerReactAndNote();
    await book();
    await renameTheContact();
    await changeASetting();
    await logTheNumberOut();
    expect(await stored()).toMatchObject(done());
  });
});

async function replyInTheInbox(): Promise<void> {
  await openConversation();
  await looksWell(bubble(t.welcome('hello')));
  await say(written.reply);
}

async function readAndWriteOnThePhone(): Promise<void> {
  await goTo(t.simulator('title'));
  await person.press(main().getByRole('link', { name: t.welcome('customer') }));
  await looksWell(main().getByText(written.reply));
  await person.press(button(t.simulator('messageActions', { text: written.reply })));
  await person.press(item(t.simulator('readThis')));
  await person.write(field(t.simulator('write')), written.again);
  await person.press(button(t.simulator('send')));
  await main().getByRole('listitem').getByText(written.again).waitFor();

  await person.press(button(t.simulator('more')));
  await person.press(item(t.simulator('image')));
  const picture = dialog(t.simulator('image'));
  await person.write(picture.getByLabel(t.simulator('caption')), written.caption);
  await person.press(picture.getByRole('button', { name: t.simulator('send') }));
  await main()
    .getByRole('listitem')
    .filter({ hasText: written.caption })
    .getByRole('img', { name: t.simulator('image') })
    .waitFor();
}

async function answerReactAndNote(): Promise<void> {
  await goTo(t.inbox('title'));
  await openConversation();
  await bubble(written.reply).getByText(t.inbox('status-read'), { exact: true }).waitFor();
  await bubble(written.caption)
    .getByRole('img', { name: t.inbox('kind-image') })
    .waitFor();

  await actOn(written.again, t.inbox('reply'));
  await say(written.answer);
  await bubble(written.answer).getByRole('button', { name: written.again }).waitFor();
  await actOn(written.again, t.inbox('reactWith', { emoji: '👍' }));
  await bubble(written.again)
    .getByRole('list', { name: t.inbox('reactions') })
    .getByText('👍')
    .waitFor();

  await person.press(button(t.inbox('writeNote')));
  await person.write(field(t.inbox('writeNote')), written.note);
  await person.press(button(t.inbox('keepNote')));
  await looksWell(bubble(written.note));
}

/** From what the customer asked to the calendar. */
async function book(): Promise<void> {
  const title = t.welcome('hello');
  await actOn(title, t.bookingParts('newBooking'));
  await looksWell(dialog(t.bookingParts('newBooking')));
  await person.press(
    dialog(t.bookingParts('newBooking')).getByRole('button', { name: t.bookingParts('create') }),
  );
  await toast(t.bookingParts('created'));

  await goTo(t.bookings('title'));
  await person.press(button(t.bookings('actions', { name: title, contact: t.welcome('customer') })));
  await person.press(item(t.bookingParts('toConfirmed')));
  await main()
    .getByRole('region', { name: t.bookingParts('confirmed') })
    .getByRole('button', { name: new RegExp(`^${t.welcome('customer')}`) })
    .waitFor();
  await person.press(link(t.bookings('calendar')));
  await looksWell(main().getByRole('button', { name: title }).getByText(t.bookingParts('confirmed')));
}

async function renameTheContact(): Promise<void> {
  await goTo(t.contacts('title'));
  await person.press(main().getByRole('link', { name: t.welcome('customer') }));
  await person.press(button(t.contacts('more', { name: t.welcome('customer') })));
  await person.press(item(t.contacts('rename')));
  const renaming = dialog(t.contacts('rename'));
  await person.write(renaming.getByLabel(t.contacts('name')), written.name);
  await person.press(renaming.getByRole('button', { name: t.contacts('save') }));
  await looksWell(heading(written.name));
}

async function changeASetting(): Promise<void> {
  await goTo(t.settings('title'));
  await person.press(link(t.settings('business')));
  await person.choose(field(t.settings('policy')), t.settings('policyOff'));
  await person.press(button(t.settings('save')));
  await toast(t.settings('saved'));
}

async function logTheNumberOut(): Promise<void> {
  const name = t.welcome('numberDefault');
  await goTo(t.numbers('title'));
  await looksWell(main().getByText(t.linking('connected'), { exact: true }));
  await person.press(button(t.numbers('actions', { name })));
  await person.press(item(t.numbers('logOut')));
  const confirmation = visit.page.getByRole('alertdialog', { name: t.numbers('logOutTitle', { name }) });
  await looksWell(confirmation);
  await person.press(confirmation.getByRole('button', { name: t.numbers('logOut') }));
  await toast(t.numbers('loggedOut', { name }));
  await button(t.numbers('relink')).waitFor();
}

/** @returns what programs read of the business */
async function stored() {
  const read = <Answer>(path: string) => service.call<Answer>('GET', path);
  const { organizations } = await read<{ organizations: { id: string; closed_at: string | null }[] }>(
    '/api/organizations',
  );
  const open = organizations.filter(({ closed_at }) => closed_at === null);
  const ofIt = `organization_id=${open[0]!.id}`;
  const [messages, notes, bookings, contacts, settings, numbers] = await Promise.all([
    read<{ messages: object[] }>(`/api/messages?${ofIt}`),
    read<{ notes: object[] }>(`/api/notes?${ofIt}`),
    read<{ bookings: object[] }>(`/api/bookings?${ofIt}`),
    read<{ contacts: object[] }>(`/api/contacts?${ofIt}`),
    read<{ settings: object }>(`/api/organizations/${open[0]!.id}/settings`),
    read<{ instances: object[] }>(`/api/whatsapp/instances?${ofIt}`),
  ]);
  return {
    organizations: open,
    messages: messages.messages.toReversed(),
    notes: notes.notes,
    bookings: bookings.bookings,
    contacts: contacts.contacts,
    settings: settings.settings,
    numbers: numbers.instances,
  };
}

/** What there is to be of what the person did. */
function done() {
  const [received, sent] = [{ direction: 'inbound' }, { direction: 'outbound' }];
  return {
    organizations: [{ name: BUSINESS }],
    messages: [
      { ...received, type: 'text', content: t.welcome('hello') },
      { ...sent, type: 'text', content: written.reply, status: 'read' },
      { ...received, type: 'text', content: written.again, reactions: [{ emoji: '👍', from_me: true }] },
      { ...received, type: 'image', content: expect.stringContaining(written.caption) },
      { ...sent, type: 'text', content: written.answer, reply_to: { content: written.again } },
    ],
    notes: [{ content: written.note }],
    // The first message opened one by itself.
    bookings: expect.arrayContaining([
      expect.objectContaining({
        title: t.welcome('hello'),
        status: 'confirmed',
        starts_at: expect.any(String),
      }),
    ]),
    contacts: [{ name: written.name }],
    settings: { booking_policy: 'off' },
    numbers: [{ status: 'disconnected', last_disconnect_reason: 'logged_out' }],
  };
}

const main = () => visit.page.getByRole('main');
const dialog = (name: string) => visit.page.getByRole('dialog', { name, exact: true });
const heading = (name: string) => main().getByRole('heading', { name });
const button = (name: string) => main().getByRole('button', { name, exact: true });
const link = (name: string) => main().getByRole('link', { name, exact: true });
const item = (name: string) => visit.page.getByRole('menuitem', { name, exact: true });
const field = (name: string) =>
  main()
    .getByRole('textbox', { name, exact: true })
    .or(main().getByRole('combobox', { name, exact: true }));
/** In the inbox the message with these words; those that quote it stand below. */
const bubble = (text: string) =>
  main().getByRole('log').getByRole('article').filter({ hasText: text }).first();

/** By the page's own menu. */
async function goTo(title: string): Promise<void> {
  const menu = visit.page.getByRole('navigation', { name: t.app('navigation') });
  await person.press(menu.getByRole('link', { name: title, exact: true }));
  await visit.page.getByRole('heading', { name: title, level: 1 }).waitFor({ state: 'attached' });
}

async function openConversation(): Promise<void> {
  await person.press(
    main()
      .getByRole('list', { name: t.inbox('conversations') })
      .getByRole('link', { name: t.welcome('customer') }),
  );
}

async function say(text: string): Promise<void> {
  await person.write(field(t.inbox('writeMessage')), text);
  await person.press(button(t.inbox('send')));
  await bubble(text).waitFor();
}

/** What the menu of a message has. */
async function actOn(text: string, action: string): Promise<void> {
  await person.press(bubble(text).getByRole('button', { name: t.inbox('messageActions') }));
  await person.press(item(action));
}

async function toast(text: string): Promise<void> {
  await visit.page.getByText(text, { exact: true }).first().waitFor();
}

/** Waits for it, and looks whether everybody can use the page as it is then. */
async function looksWell(shown: Locator): Promise<void> {
  await shown.waitFor();
  expect(await visit.accessibilityFaults()).toEqual([]);
}

/** @returns a time zone in which no hour from now on is another day */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  // Named by how far it is behind.
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}
