import type { ParseArgsOptionsConfig } from 'node:util';
import type { SecretBox } from '../common/secret-box.js';
import { ORGANIZATION_ID_PATTERN } from '../common/organization-scope.js';
import type { AuditEnd, NewAuditEntry } from '../repositories/audit.repository.js';
import type { DatabaseStore, OpenDatabase } from '../supabase/open-database.js';
import type { DatabaseClient } from '../supabase/supabase-client.js';

/** What a command works with. */
export interface CommandContext {
  client: DatabaseClient;
  box: SecretBox;
  /** Says how far it is, beside the result. */
  note: (text: string) => void;
  /** Aborted by Ctrl-C, from when on the command asks for it; one that never does is ended by it at once. */
  interruption: () => AbortSignal;
  /** Of a command that needs one for itself. */
  database?: { open: OpenDatabase; store: DatabaseStore };
}

/** What a command was given, by `parseArgs`. */
export interface CommandInput {
  values: Record<string, string | boolean | undefined>;
  positionals: string[];
}

/** What a command has to say: the result alone on standard output, so that it can be piped, and words beside it. */
export interface CommandAnswer {
  result?: string;
  note: string;
  /** What was asked for was done, and it is not well: the exit code says so. */
  isBad?: boolean;
  /** The object that it made or changed, where the arguments do not name it. */
  made?: Pick<AuditEnd, 'objectId' | 'organizationId'>;
}

/** What a command is about to do, for the audit log: nothing secret, and nothing about a person. */
export type Operation = Pick<NewAuditEntry, 'object' | 'organizationId' | 'details'>;

/** One command of `npm run admin`. */
export interface AdminCommand {
  /** Its arguments, as the help shows them. */
  usage: string;
  /** One sentence for the help. */
  summary: string;
  options: ParseArgsOptionsConfig;
  /** It only looks: the database is opened as it is, and refused where migrations are missing. */
  isLook?: boolean;
  /**
   * Of a command that needs a database for itself, opened as it is while nobody else has it.
   * @param configured the service's
   * @returns which one
   * @throws UsageError
   */
  alone?(input: CommandInput, configured: DatabaseStore): DatabaseStore;
  /** Of a command that changes something; it takes what was typed as it is, right or wrong. */
  operation?(input: CommandInput, context: CommandContext): Operation;
  /** @throws UsageError for arguments that make no sense, AppError for what the service refuses */
  run(input: CommandInput, context: CommandContext): Promise<CommandAnswer>;
}

/** The command line makes no sense; the message says why. */
export class UsageError extends Error {}

/** @returns the text of an option, or undefined */
export function textOf({ values }: CommandInput, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/**
 * @param names what the arguments without a dash are, in order
 * @returns them
 * @throws UsageError when there are more or fewer
 */
export function argumentsOf({ positionals }: CommandInput, names: readonly string[]): string[] {
  if (positionals.length !== names.length) {
    throw new UsageError(`give ${names.length === 0 ? 'no arguments but options' : names.join(' and ')}`);
  }
  return positionals;
}

/** @returns an operation about an organization; about nothing where the text can't be the id of one */
export function operationIn(organizationId: string | undefined, details?: Operation['details']): Operation {
  const isId = organizationId !== undefined && ORGANIZATION_ID_PATTERN.test(organizationId);
  return {
    ...(isId ? { organizationId, object: { type: 'organizations', id: organizationId } } : {}),
    ...(details && { details }),
  };
}
