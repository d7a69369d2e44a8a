import type { StartFault } from '../common/start-wait.js';
import { ConnectionFaultError } from './connection-faults.js';

/** A server that can't be used as it is; the message says what to do. */
export class UnusableServerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnusableServerError';
  }
}

/** Sentences by error code: of Postgres (SQLSTATE), of the network. `%` stands for what was said. */
const FINAL: Readonly<Record<string, string>> = {
  '28P01':
    'The server of DATABASE_URL refuses the login: % Check user and password (special characters are percent-encoded).',
  '28000':
    'The server of DATABASE_URL refuses the login: % Check user, address and pg_hba.conf of the server.',
  '3D000':
    'The server of DATABASE_URL has no such database (%) Create an empty one: its tables are made by themselves.',
  '42501':
    'The user of DATABASE_URL may not do what the migrations of this version need: % Make it the owner of the database, with the right to create roles.',
  '25006':
    'The database of DATABASE_URL is read-only: % Connect to the primary, and without default_transaction_read_only.',
  '53100': 'The database of DATABASE_URL is out of disk space: % Make room on its server, then start again.',
  '08P01':
    'What listens at DATABASE_URL refuses the connection: % Check the user and the database in the configuration of the pooler.',
  ENOTFOUND: 'The host of DATABASE_URL is not known: % Check its name.',
};
const UNREACHABLE =
  "The database of DATABASE_URL can't be reached: % Check host and port, and that the server runs and listens there.";
const PASSING: Readonly<Record<string, string>> = {
  '57P03': 'The server of DATABASE_URL is starting or stopping: %',
  '53300':
    'The server of DATABASE_URL has no connection left: % Raise its max_connections, or end what holds them (each process takes up to 10).',
};
/** Connections that fail or end, and a server that is overloaded or shuts down. */
const PASSING_CODE = /^(08|57P|53|55|40)/;
/**
 * @param error what opening a Postgres failed with
 * @returns what it means for a start, undefined for what explains itself
 */
export function explainPostgres(error: unknown): StartFault | undefined {
  if (!(error instanceof Error) || error instanceof UnusableServerError) {
    return undefined;
  }
  if (error instanceof ConnectionFaultError) {
    return final(error.message);
  }
  const fault = originOf(error);
  const { code = '', message } = fault as NodeJS.ErrnoException;
  const said = sentenceOf(message || code);
  const fill = (template: string) => template.replace('%', () => said);

  if (code in FINAL) {
    return final(fill(FINAL[code]!));
  }
  if (code in PASSING) {
    return passing(fill(PASSING[code]!));
  }
  const isConnection =
    code.length !== 5 && ('syscall' in fault || /timeout|timed out|terminated|in time/i.test(message));
  if (isConnection || PASSING_CODE.test(code)) {
    return passing(fill(UNREACHABLE));
  }
  return undefined;
}

function final(sentence: string): StartFault {
  return { sentence, passes: false };
}

function passing(sentence: string): StartFault {
  return { sentence, passes: true };
}

/** What a migration failed with, or the last address that was tried. */
function originOf(error: Error): Error {
  if (error instanceof AggregateError && error.errors.at(-1) instanceof Error) {
    return error.errors.at(-1) as Error;
  }
  const isPlain = !('code' in error);
  return isPlain && error.cause instanceof Error && 'code' in error.cause ? error.cause : error;
}

function sentenceOf(message: string): string {
  const words = message.replace(/\s+/g, ' ').trim().slice(0, 200);
  return /[.!?]$/.test(words) ? words : `${words}.`;
}
