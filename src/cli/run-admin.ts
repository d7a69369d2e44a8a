import { parseArgs } from 'node:util';
import { messageOf } from '../common/error-message.js';
import { SecretBox } from '../common/secret-box.js';
import { loadConfig } from '../config/load-config.js';
import { openDatabase } from '../supabase/open-database.js';
import { openForOperator } from '../supabase/operator-database.js';
import { storeOf } from '../supabase/supabase.module.js';
import { addMember } from './add-member.js';
import { type AdminCommand, type CommandInput, UsageError } from './admin-command.js';
import { checkDatabase } from './check-database.js';
import { createKey } from './create-key.js';
import { createOrganization } from './create-organization.js';
import { listKeys } from './list-keys.js';
import { moveData } from './move-data.js';
import { runNoted } from './noted-run.js';
import { revokeKey } from './revoke-key.js';
import { rotateKeys } from './rotate-keys.js';

const COMMANDS: Readonly<Record<string, AdminCommand>> = {
  'create-key': createKey,
  'list-keys': listKeys,
  'revoke-key': revokeKey,
  'create-organization': createOrganization,
  'add-member': addMember,
  'rotate-keys': rotateKeys,
  'check-database': checkDatabase,
  'move-data': moveData,
};

const HELP = { help: { type: 'boolean', short: 'h' } } as const;

/** Where a command writes. */
export interface CommandOutput {
  result: (text: string) => void;
  note: (text: string) => void;
}

/** A command that is not ended by Ctrl-C itself asks for this, and ends when it can. */
export type Interruption = () => AbortSignal;

const NEVER: Interruption = () => new AbortController().signal;

/**
 * The administrator's commands, for those who have a shell beside the service and its environment.
 *
 * @param args command line without the program
 * @param environment as the service has it; the values of `.env` are the caller's to add
 * @param interruption asked for by commands that end themselves when they are interrupted
 * @returns exit code: 1 when the command failed, 2 when it makes no sense
 */
export async function runAdmin(
  args: string[],
  environment: Record<string, string | undefined>,
  output: CommandOutput,
  interruption = NEVER,
): Promise<number> {
  const [name = '', ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    output.note(usage());
    return name === '--help' || name === '-h' ? 0 : 2;
  }
  try {
    const input = toInput(command, rest);
    if (input.values['help'] === true) {
      output.note(`  npm run admin -- ${command.usage}\n      ${command.summary}`);
      return 0;
    }
    const answer = await runCommand(name, input, environment, { ...output, interruption });
    if (answer.result !== undefined) {
      output.result(answer.result);
    }
    output.note(answer.note);
    return answer.isBad === true ? 1 : 0;
  } catch (error) {
    const message = messageOf(error);
    const isUsage = error instanceof UsageError;
    output.note(isUsage ? `${message}\n\n  npm run admin -- ${command.usage}` : message);
    return isUsage ? 2 : 1;
  }
}

function toInput({ options }: AdminCommand, args: string[]): CommandInput {
  try {
    return parseArgs({ args, options: { ...options, ...HELP }, allowPositionals: true }) as CommandInput;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

async function runCommand(
  name: string,
  input: CommandInput,
  environment: Record<string, string | undefined>,
  { note, interruption }: CommandOutput & { interruption: Interruption },
) {
  const config = loadConfig(environment);
  const command = COMMANDS[name]!;
  const store = command.alone?.(input, storeOf(config));
  const alone = store && (await openDatabase({ store, poolSize: 2, forMove: true }));
  const database = alone ?? (await openForOperator(storeOf(config), command.isLook !== true));
  try {
    const box = new SecretBox([...config.sessionEncryptionKeys]);
    const context = { client: database.client, box, note, interruption };
    return await runNoted(name, command, input, {
      ...context,
      ...(alone && { database: { open: alone, store } }),
    });
  } finally {
    await database.close();
  }
}

function usage(): string {
  const lines = Object.values(COMMANDS).map((command) => `  ${command.usage}\n      ${command.summary}`);
  return `Administers the service, whether it runs or not: npm run admin -- <command>\n\n${lines.join('\n')}`;
}
