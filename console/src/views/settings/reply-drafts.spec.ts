import { expect, it } from 'vitest';
import { changeOf, draftsOf, filledIn, placeholdersOf, replyFault } from './reply-drafts.ts';

const none = draftsOf({ automatic_replies: {} });
const withText = (texts: Record<string, string>, enabled = true) => ({
  ...none,
  outside_hours: { enabled, texts },
});

it('sends nothing of what is not written, and takes away what was emptied', () => {
  expect(changeOf(none)).toEqual({
    first_message: null,
    outside_hours: null,
    booking_confirmed: null,
    booking_cancelled: null,
  });
  expect(changeOf(withText({ en: ' Hello ', es: ' ' }))).toMatchObject({
    outside_hours: { enabled: true, texts: { en: 'Hello' } },
  });
});

it('wants the text of the first language', () => {
  expect(replyFault(none, 'en')).toBeUndefined();
  expect(replyFault(withText({}), 'en')).toEqual({ occasion: 'outside_hours', kind: 'replyMissing' });
  expect(replyFault(withText({ es: 'Hola' }, false), 'en')).toMatchObject({ kind: 'replyMissing' });
  expect(replyFault(withText({ en: 'Hello {{contact_name}}' }), 'en')).toBeUndefined();
});

it.each([
  ['Hello {{name}}', '{{name}}'],
  ['Hello {{contact_name', '{{'],
  ['Hello }}', '}}'],
])('%s: knows no %s', (text, placeholder) => {
  expect(replyFault(withText({ en: text }), 'en')).toEqual({
    occasion: 'outside_hours',
    kind: 'placeholderUnknown',
    placeholder,
  });
});

it('offers what can be known on an occasion', () => {
  expect(placeholdersOf('outside_hours')).toEqual(['contact_name', 'organization_name', 'opens_at']);
  expect(placeholdersOf('booking_confirmed')).not.toContain('opens_at');
});

it('shows a text as it will be', () => {
  const values = {
    contact_name: 'Ana',
    organization_name: 'Sol',
    opens_at: '',
    booking_title: '',
    booking_service: '',
    booking_starts_at: '',
  };
  expect(filledIn('{{contact_name}} at {{organization_name}} {{other}}', values)).toBe(
    'Ana at Sol {{other}}',
  );
});
