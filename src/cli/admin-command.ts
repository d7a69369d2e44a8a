import type { ParseArgsOptionsConfig } from 'node:util';
import type { SecretBox } from '../common/secret-box.js';
import type { DatabaseClient } from '../supabase/supabase-client.js';

/** What a command works with. */
export interface CommandContext {
  client: DatabaseClient;
  box: SecretBox;
  /** Says how far it is, beside the result. */
  note: (text: string) => void;
  /** Aborted by Ctrl-C, from when on the command asks for it; one that never does is ended by it at once. */
  interruption: () => AbortSignal;
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
}

/** One command of `npm run admin`. */
export interface AdminCommand {
  /** Its arguments, as the help shows them. */
  usage: string;
  /** One sentence for the help. */
  summary: string;
  options: ParseArgsOptionsConfig;
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
