import { CHANGE_ROWS, TRAFFIC_NAMES, TYPE_ROWS } from './message-table.js';

const OUTCOMES = ['can be sent', 'makes a contact', 'makes a booking'];

const PARTS: Record<string, () => string> = {
  types: () =>
    table(
      ['type', 'received as', 'brings a file', ...OUTCOMES],
      TYPE_ROWS.map(({ type, names, ...row }) => [
        code(type),
        type === 'unsupported' ? `${codes(names)}, and whatever this version does not know` : codes(names),
        yes(row.bringsFile),
        yes(row.canBeSent),
        yes(row.makesContact),
        yes(row.makesBooking),
      ]),
    ),
  changes: () =>
    table(
      ['change', 'received as', 'what it does', ...OUTCOMES],
      CHANGE_ROWS.map(({ change, fields, meaning, ...row }) => [
        code(change),
        codes(fields),
        meaning,
        yes(row.canBeSent),
        yes(row.makesContact),
        yes(row.makesBooking),
      ]),
    ),
  traffic: () => `${codes(TRAFFIC_NAMES)}.`,
};

/**
 * @param page as it is
 * @returns it with every part as the table of kinds has it now; to be formatted
 * @throws Error where it has no place for a part
 */
export function messagePage(page: string): string {
  return Object.entries(PARTS).reduce((text, [name, write]) => {
    const place = new RegExp(`(<!-- ${name}: .*-->\n)[^]*?(\n<!-- end -->)`);
    if (!place.test(text)) {
      throw new Error(`the page has no place for ${name}`);
    }
    return text.replace(place, (_all, begin: string, end: string) => `${begin}\n${write()}\n${end}`);
  }, page);
}

function codes(names: readonly string[]): string {
  return names.map(code).join(', ');
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function yes(is: boolean): string {
  return is ? 'yes' : '';
}

function code(text: string): string {
  return `\`${text}\``;
}
