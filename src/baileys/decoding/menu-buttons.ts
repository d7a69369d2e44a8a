import type { proto } from '@whiskeysockets/baileys';
import { type ForeignObject, objectOf, objectsOf, parseForeign, textOf } from './foreign-json.js';
import { lines } from './message-words.js';

/** Something to choose from a list. */
export interface MenuRow {
  title?: string | undefined;
  description?: string | undefined;
  id?: string | undefined;
  section?: string | undefined;
}

/** What a business offers below its words. */
export interface MenuButton {
  text?: string | undefined;
  id?: string | undefined;
  url?: string | undefined;
  phone_number?: string | undefined;
  copy_code?: string | undefined;
  pix?: {
    key?: string | undefined;
    key_type?: string | undefined;
    name?: string | undefined;
    code?: string | undefined;
  };
  amount?: string | undefined;
  rows?: MenuRow[];
}

const MAX_ROWS = 200;
const MAX_BUTTONS = 50;

/** @returns the buttons in words, each on its own line */
export function buttonLines(buttons: readonly MenuButton[]): string {
  return lines(...buttons.map(buttonText));
}

/** @returns rows in words */
export function rowLines(rows: readonly MenuRow[]): string {
  return lines(
    ...rows.map(({ title, description }) => `- ${[title, description].filter(Boolean).join(': ')}`),
  );
}

function buttonText({
  text,
  url,
  phone_number: phone,
  copy_code: code,
  pix,
  amount,
  rows,
}: MenuButton): string {
  const target = [url, phone, code, amount].filter(Boolean).join(', ');
  const pixKey = pix?.key && `Pix: ${[pix.key, pix.name].filter(Boolean).join(', ')}`;
  const first = text || target ? `- ${[text, target].filter(Boolean).join(': ')}` : undefined;
  return lines(first, pixKey, pix?.code && `Pix code: ${pix.code}`, rows && rowLines(rows));
}

/** @returns the buttons of a `buttonsMessage` */
export function plainButtons(
  buttons: proto.Message.ButtonsMessage.IButton[] | null | undefined,
): MenuButton[] {
  return (buttons ?? [])
    .slice(0, MAX_BUTTONS)
    .map(({ buttonId, buttonText: words, nativeFlowInfo }) =>
      nativeFlowInfo
        ? { id: buttonId ?? undefined, ...flowButton(nativeFlowInfo.name, nativeFlowInfo.paramsJson) }
        : { text: words?.displayText ?? undefined, id: buttonId ?? undefined },
    );
}

/** @returns the buttons of a template that its sender filled in */
export function templateButtons(buttons: proto.IHydratedTemplateButton[] | null | undefined): MenuButton[] {
  return (buttons ?? []).slice(0, MAX_BUTTONS).map(({ quickReplyButton, urlButton, callButton }) => ({
    text: quickReplyButton?.displayText ?? urlButton?.displayText ?? callButton?.displayText ?? undefined,
    id: quickReplyButton?.id ?? undefined,
    url: urlButton?.url ?? undefined,
    phone_number: callButton?.phoneNumber ?? undefined,
  }));
}

/** @returns the buttons of a native flow: links, codes to copy, lists, payments, forms */
export function flowButtons(
  flow: proto.Message.InteractiveMessage.INativeFlowMessage | null | undefined,
): MenuButton[] {
  return (flow?.buttons ?? [])
    .slice(0, MAX_BUTTONS)
    .map(({ name, buttonParamsJson }) => flowButton(name, buttonParamsJson));
}

/** @returns the rows of a `listMessage` */
export function listRows(sections: proto.Message.ListMessage.ISection[] | null | undefined): MenuRow[] {
  return (sections ?? [])
    .flatMap(({ title: section, rows }) =>
      (rows ?? []).slice(0, MAX_ROWS).map(({ title, description, rowId }) => ({
        title: title ?? undefined,
        description: description ?? undefined,
        id: rowId ?? undefined,
        section: section || undefined,
      })),
    )
    .slice(0, MAX_ROWS);
}

function flowButton(name: string | null | undefined, json: string | null | undefined): MenuButton {
  const params = parseForeign(json);
  const rows = objectsOf(params['sections'])
    .flatMap((section) =>
      objectsOf(section['rows'])
        .slice(0, MAX_ROWS)
        .map((row) => flowRow(row, section)),
    )
    .slice(0, MAX_ROWS);
  const pix = pixOf(params);
  return {
    text: textOf(params, 'display_text', 'title', 'flow_cta', 'text') ?? name ?? undefined,
    id: textOf(params, 'id', 'reference_id'),
    url: textOf(params, 'url', 'merchant_url'),
    phone_number: textOf(params, 'phone_number'),
    copy_code: textOf(params, 'copy_code', 'coupon_code'),
    amount: amountOf(params),
    ...(pix && { pix }),
    ...(rows.length > 0 && { rows }),
  };
}

function flowRow(row: ForeignObject, section: ForeignObject): MenuRow {
  return {
    title: textOf(row, 'title', 'header'),
    description: textOf(row, 'description'),
    id: textOf(row, 'id'),
    section: textOf(section, 'title'),
  };
}

function pixOf(params: ForeignObject): MenuButton['pix'] {
  const settings = objectsOf(params['payment_settings']).map((setting) => ({
    ...objectOf(setting['pix_static_code']),
    ...objectOf(setting['pix_dynamic_code']),
  }));
  const code: ForeignObject | undefined = settings.find((setting) => Object.keys(setting).length > 0);
  return (
    code && {
      key: textOf(code, 'key'),
      key_type: textOf(code, 'key_type'),
      name: textOf(code, 'merchant_name'),
      code: textOf(code, 'code'),
    }
  );
}

/** WhatsApp writes 12.50 as 1250 with an offset of 100. */
function amountOf(params: ForeignObject): string | undefined {
  const { value, offset } = objectOf(params['total_amount']);
  if (typeof value !== 'number' || typeof offset !== 'number' || offset <= 0) {
    return undefined;
  }
  const units = value / offset;
  return Number.isFinite(units)
    ? [textOf(params, 'currency'), units.toFixed(2)].filter(Boolean).join(' ')
    : undefined;
}
