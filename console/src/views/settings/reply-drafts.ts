import type { Settings, SettingsChange } from '../../organization/settings.ts';

/** What is written by itself about; in the order in which it happens. */
export const OCCASIONS = [
  'first_message',
  'outside_hours',
  'booking_confirmed',
  'booking_cancelled',
] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** What stands in a text for what is known then. */
export const PLACEHOLDERS = [
  'contact_name',
  'organization_name',
  'opens_at',
  'booking_title',
  'booking_service',
  'booking_starts_at',
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** @returns what can be known on an occasion */
export const placeholdersOf = (occasion: Occasion): readonly Placeholder[] =>
  PLACEHOLDERS.filter((name) =>
    occasion.startsWith('booking_') ? name !== 'opens_at' : !name.startsWith('booking_'),
  );

/** A reply as somebody writes it. */
export interface ReplyDraft {
  enabled: boolean;
  texts: Record<string, string>;
}
export type ReplyDrafts = Record<Occasion, ReplyDraft>;

/** @returns what somebody begins with */
export function draftsOf({ automatic_replies: replies }: Pick<Settings, 'automatic_replies'>): ReplyDrafts {
  const of = (occasion: Occasion): ReplyDraft => ({
    enabled: replies[occasion]?.enabled ?? false,
    texts: { ...replies[occasion]?.texts },
  });
  return {
    first_message: of('first_message'),
    outside_hours: of('outside_hours'),
    booking_confirmed: of('booking_confirmed'),
    booking_cancelled: of('booking_cancelled'),
  };
}

/** @returns what is sent of them: without texts that are empty; null for a reply of which nothing is left */
export function changeOf(drafts: ReplyDrafts): NonNullable<SettingsChange['automatic_replies']> {
  return Object.fromEntries(
    OCCASIONS.map((occasion) => {
      const { enabled } = drafts[occasion];
      const texts = writtenOf(drafts[occasion]);
      return [occasion, Object.keys(texts).length === 0 && !enabled ? null : { enabled, texts }];
    }),
  );
}

const writtenOf = ({ texts }: ReplyDraft) =>
  Object.fromEntries(
    Object.entries(texts)
      .map(([language, text]) => [language, text.trim()] as const)
      .filter(([, text]) => text !== ''),
  );

/** What is wrong with a reply. */
type ReplyFault =
  | { occasion: Occasion; kind: 'replyMissing' }
  | { occasion: Occasion; kind: 'placeholderUnknown'; placeholder: string };

/** @returns what is wrong with the first reply that can not be written */
export function replyFault(drafts: ReplyDrafts, mainLanguage: string): ReplyFault | undefined {
  for (const occasion of OCCASIONS) {
    const texts = writtenOf(drafts[occasion]);
    const isUsed = drafts[occasion].enabled || Object.keys(texts).length > 0;
    if (isUsed && texts[mainLanguage] === undefined) {
      return { occasion, kind: 'replyMissing' };
    }
    for (const text of Object.values(texts)) {
      const unknown = unknownPlaceholder(text);
      if (unknown !== undefined) {
        return { occasion, kind: 'placeholderUnknown', placeholder: unknown };
      }
    }
  }
  return undefined;
}

function unknownPlaceholder(text: string): string | undefined {
  const found = [...text.matchAll(/\{\{(.*?)\}\}/gs)].find(
    ([, name]) => !(PLACEHOLDERS as readonly string[]).includes(name!),
  );
  if (found !== undefined) {
    return found[0];
  }
  return /\{\{|\}\}/.exec(text.replaceAll(/\{\{(.*?)\}\}/gs, ''))?.[0];
}

/** @returns a text with what stands for its placeholders */
export function filledIn(text: string, values: Readonly<Record<Placeholder, string>>): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name as Placeholder] ?? whole);
}
