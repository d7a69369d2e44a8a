import type { Locator, Page } from 'playwright-core';
import type { Person } from './person.js';
import type { Texts } from './texts.js';

export const BUSINESS = 'Clínica Sol';

interface FirstRun {
  page: Page;
  person: Person;
  /** What the page says. */
  t: Texts;
  /** How the simulated phone is linked: it scans the QR code, or types a code that is asked for under a number. */
  link: 'qr' | { phoneNumber: string };
  /** Waits for what a step shows, and looks whether the page is well then. */
  look: (shown: Locator) => Promise<void>;
}

/** Goes through the first steps, from a business that has no name yet to the button that ends them. */
export async function firstRun({ page, person, t, link, look }: FirstRun): Promise<void> {
  const main = page.getByRole('main');
  const button = (name: string) => main.getByRole('button', { name });
  await look(main.getByRole('heading', { name: t.welcome('title') }));
  await person.write(main.getByLabel(t.welcome('businessName')), BUSINESS);
  await person.press(button(t.welcome('goOn')));
  await look(main.getByLabel(t.welcome('numberName')));
  await person.press(button(t.welcome('goOn')));
  if (link === 'qr') {
    await person.press(button(t.linking('byQr')));
    await look(main.getByRole('img', { name: t.linking('qrAlt') }));
  } else {
    await person.press(button(t.linking('byCode')));
    await person.write(main.getByLabel(t.linking('phone')), link.phoneNumber);
    await person.press(button(t.linking('getCode')));
    await look(button(t.linking('simulated')));
  }
  await person.press(button(t.linking('simulated')));
  await person.press(button(t.welcome('write')));
  await look(main.getByRole('heading', { name: t.welcome('arrived') }));
  await main.getByText(t.welcome('hello')).waitFor();
  await person.press(button(t.welcome('finish')));
}
