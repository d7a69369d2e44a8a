import { messages as app } from '../../../console/src/app/messages.ts';
import { messages as bookingParts } from '../../../console/src/bookings/messages.ts';
import { formatMessage, type Values } from '../../../console/src/i18n/format-message.ts';
import type { Locale } from '../../../console/src/i18n/locales.ts';
import { messages as linking } from '../../../console/src/numbers/messages.ts';
import { messages as bookings } from '../../../console/src/views/bookings/messages.ts';
import { messages as contacts } from '../../../console/src/views/contacts/messages.ts';
import { messages as inbox } from '../../../console/src/views/inbox/messages.ts';
import { messages as numbers } from '../../../console/src/views/numbers/messages.ts';
import { messages as settings } from '../../../console/src/views/settings/messages.ts';
import { messages as simulator } from '../../../console/src/views/simulator/messages.ts';
import { messages as welcome } from '../../../console/src/views/welcome/messages.ts';

const MODULES = {
  app,
  bookingParts,
  bookings,
  contacts,
  inbox,
  linking,
  numbers,
  settings,
  simulator,
  welcome,
};

type Modules = typeof MODULES;

/** What the page says, by the part of it that says so and by key. */
export type Texts = {
  readonly [Part in keyof Modules]: (key: keyof Modules[Part]['en'], values?: Values) => string;
};

/** @returns what the page says in a language: the page's own words, such as `textsOf('es').inbox('send')` */
export function textsOf(locale: Locale): Texts {
  return Object.fromEntries(
    Object.entries(MODULES).map(([part, messages]) => [
      part,
      (key: string, values?: Values) =>
        formatMessage(locale, (messages[locale] as Record<string, string>)[key]!, values),
    ]),
  ) as Texts;
}
