import { KNOWN_VARIABLES } from './known-variables.js';

/** What is called otherwise elsewhere, and is near to ours by no rule. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  API_KEY: 'ADMIN_API_KEY',
  API_TOKEN: 'ADMIN_API_KEY',
  ADMIN_TOKEN: 'ADMIN_API_KEY',
  ENCRYPTION_KEY: 'SESSION_ENCRYPTION_KEY',
  DB_URL: 'DATABASE_URL',
  POSTGRES_URL: 'DATABASE_URL',
  PG_URL: 'DATABASE_URL',
  ALLOWED_ORIGINS: 'CORS_ORIGINS',
  CORS_ALLOWED_ORIGINS: 'CORS_ORIGINS',
};
/** Kubernetes tells each container of the services beside it, by their names. */
const SERVICE_LINK = /_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)$/;
/** With what editors put into a name unseen: a byte order mark, other spaces. Anything else is no name, and may be a value. */
const NAME = /^[\w.\-\s\uFEFF\u200B]+$/;
/** Shorter names are near to too many others. */
const MIN_LENGTH = 5;
/** From so many characters on two of them may be wrong. */
const LONG = 10;
/** Of two words, one that is the beginning of the other, `ENV` and `ENVIRONMENT`, is at least so long. */
const MIN_WORD = 3;

/**
 * @param names of variables that somebody set
 * @returns for each that is none of ours and looks as if one of ours was meant, a sentence that says which
 */
export function misspeltNames(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const meant = KNOWN_VARIABLES.includes(name) || !NAME.test(name) ? undefined : meantBy(name);
    return meant === undefined
      ? []
      : [`${printable(name)} is no variable of this service: was ${meant} meant?`];
  });
}

function meantBy(name: string): string | undefined {
  // A byte order mark, a space or a hyphen that got into it, and small letters.
  const plain = name
    .toUpperCase()
    .replace(/[-. ]/g, '_')
    .replace(/\W/g, '')
    .replace(/^AUZAP_/, '');
  if (KNOWN_VARIABLES.includes(plain)) {
    return plain;
  }
  if (SERVICE_LINK.test(plain) && plain !== 'WORKER_PORT') {
    return undefined;
  }
  const known = (isAlike: (name: string, known: string) => boolean) =>
    KNOWN_VARIABLES.find((one) => isAlike(plain, one));
  return nearest(plain) ?? other(plain) ?? known(isPart) ?? known(isFamily);
}

/** By the characters; of several the nearest. */
function nearest(name: string): string | undefined {
  const [best] = KNOWN_VARIABLES.filter((known) => Math.min(known.length, name.length) >= MIN_LENGTH)
    .map((known) => ({ known, distance: distanceOf(unparted(name), unparted(known)) }))
    .filter(({ known, distance }) => distance <= (known.length >= LONG ? 2 : 1))
    .toSorted((a, b) => a.distance - b.distance);
  return best?.known;
}

function other(name: string): string | undefined {
  const singular = name.replace(/S$/, '');
  return Object.entries(OTHER_NAMES).find(([known]) => known.replace(/S$/, '') === singular)?.[1];
}

/** By the words: shorter or longer forms of ours (`NODE_ENVIRONMENT`), ours without some of them (`ADMIN_KEY`). */
function isPart(name: string, known: string): boolean {
  const given = wordsOf(name);
  const rest = wordsOf(known);
  return (
    given.length >= 2 &&
    given[0] === rest[0] &&
    given.every((word) => {
      const at = rest.findIndex((one) => isSameWord(word, one));
      rest.splice(0, at + 1);
      return at >= 0;
    })
  );
}

/** What begins as one of three words or more (`RATE_LIMIT_USER`). */
function isFamily(name: string, known: string): boolean {
  const given = wordsOf(name);
  const ours = wordsOf(known);
  return ours.length > 2 && given.length > 2 && given[0] === ours[0] && given[1] === ours[1];
}

function isSameWord(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short === long || (short.length >= MIN_WORD && long.startsWith(short));
}

/** Without the ending of a plural. */
function wordsOf(name: string): string[] {
  return name
    .split('_')
    .filter((word) => word !== '')
    .map((word) => word.replace(/IES$/, 'Y').replace(/S$/, ''));
}

function unparted(name: string): string {
  return name.replaceAll('_', '');
}

/** Names come from files, too: what is in one that can't be seen. */
function printable(name: string): string {
  return name.replace(/[^\w.-]/g, '?').slice(0, 64);
}

/** Insertions, deletions, replacements and swaps of neighbours that make one of the other (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (isSame ? 0 : 1),
        isSwap ? rows[i - 2]![j - 2]! + 1 : Infinity,
      );
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
