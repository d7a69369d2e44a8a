/**
 * Fields that must never be readable in a log, wherever an object with them is logged: a net under the rule that
 * nobody logs them in the first place.
 */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'token',
  'apiKey',
  'password',
  'creds',
  'keys',
  'privateKey',
  'session_data',
  'qr',
  'pairingCode',
  'text',
  'message',
  'content',
  'plaintext',
  // On errors of ioredis: what was asked of Redis with all arguments, the password among them.
  'command',
] as const;

/** Paths for pino's `redact` option: each secret field at the top and one level down, and the headers of requests. */
export const REDACTED_PATHS: string[] = [
  ...SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]).filter((path) => path !== '*.message'),
  'req.headers',
  'res.headers',
];
