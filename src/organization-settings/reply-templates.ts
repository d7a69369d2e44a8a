import { textFault } from '../http/field-rules.js';

/** What the service may write by itself about. */
export const OCCASIONS = [
  'first_message',
  'outside_hours',
  'booking_confirmed',
  'booking_cancelled',
] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** What stands in a template for what is known of the occasion; `filled_template` of the database fills them in. */
export const PLACEHOLDERS = [
  'contact_name',
  'organization_name',
  'opens_at',
  'booking_title',
  'booking_service',
  'booking_starts_at',
] as const;

export const MAX_TEMPLATE_LENGTH = 2_000;

/** A message that is written on an occasion, in each language of the organization. */
export interface AutomaticReply {
  enabled: boolean;
  texts: Record<string, string>;
}

/** @returns what is wrong with a template, without the field's name */
export function templateFault(template: unknown): string | undefined {
  if (typeof template !== 'string') {
    return 'must be a string';
  }
  const fault = textFault(template, { max: MAX_TEMPLATE_LENGTH, isMultiline: true });
  if (fault !== undefined) {
    return fault;
  }
  const names = [...template.matchAll(/\{\{(.*?)\}\}/gs)].map(([, name]) => name!);
  const unknown = names.find((name) => !(PLACEHOLDERS as readonly string[]).includes(name));
  const rest = template.replaceAll(/\{\{(.*?)\}\}/gs, '');
  if (unknown === undefined && !/\{\{|\}\}/.test(rest)) {
    return undefined;
  }
  const shown =
    unknown === undefined ? 'has braces that do not close' : `knows no {{${unknown.slice(0, 40)}}}`;
  return `${shown}; there are ${PLACEHOLDERS.map((name) => `{{${name}}}`).join(', ')}`;
}
