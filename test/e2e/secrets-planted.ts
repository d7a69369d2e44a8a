import { randomBytes } from 'node:crypto';

const random = () => randomBytes(6).toString('hex');
const word = (name: string) => `${name}-${randomBytes(16).toString('hex')}`;
/** With a character that JSON for ASCII channels escapes. */
const text = (kind: string) => `segredo não ${kind} ${random()}`;

/** What an operator sets. */
export const CONFIGURED = {
  encryptionKey: randomBytes(32),
  /** The one that replaces it in the end. */
  nextEncryptionKey: randomBytes(32),
  adminKey: randomBytes(32).toString('hex'),
  jwtSecret: word('jwt'),
  serviceRoleKey: word('service'),
  databasePassword: word('postgres'),
  redisPassword: word('redis'),
};

/** What people write, by what happens to it. */
export const TEXTS = {
  received: text('received'),
  caption: text('caption'),
  group: text('group'),
  storedGroup: text('stored group'),
  note: text('note'),
  answer: text('answer'),
  refusedAnswer: text('refused by WhatsApp'),
  resent: text('resent'),
  duringOutage: text('during an outage'),
  withoutRedis: text('without redis'),
  refusedByDatabase: text('refused by the database'),
  erased: text('erased'),
};

export const NAMES = { client: `Ana ${random()}`, group: `Grupo ${random()}` };

/** Only ever part of calls that are refused. */
export const MISPLACED = { text: text('misplaced'), word: `wrong-${random()}`, number: '5521955554444' };

/** How callers name what they do. */
export const CALLED = { message: word('booking'), request: word('trace') };

/** @returns a key of the right form that nobody made */
export function guessedKey(): string {
  return `auz_${randomBytes(4).toString('hex')}_${randomBytes(32).toString('base64url')}`;
}
