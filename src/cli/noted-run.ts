import { messageOf } from '../common/error-message.js';
import { isRefusal } from '../audit/audit-log.js';
import { type AuditEnd, AuditRepository } from '../repositories/audit.repository.js';
import {
  type AdminCommand,
  type CommandAnswer,
  type CommandContext,
  type CommandInput,
  UsageError,
} from './admin-command.js';
import { operator } from './operator.js';

/**
 * Runs a command, and where it may change something notes in the audit log who ran it, before and after.
 *
 * @param name of the command
 * @returns what the command answers
 * @throws AppError when the entry can't be stored, and then nothing was done; whatever the command throws
 */
export async function runNoted(
  name: string,
  command: AdminCommand,
  input: CommandInput,
  context: CommandContext,
): Promise<CommandAnswer> {
  if (!command.operation) {
    return command.run(input, context);
  }
  const entries = new AuditRepository(context.client);
  const entry = { actor: operator(), action: actionOf(name), scope: 'all' } as const;
  const id = await entries.insertEntry({ ...entry, ...command.operation(input, context) });
  const end = (how: Omit<AuditEnd, 'id'>) =>
    entries.finishEntries([{ id, ...how }]).catch((error: unknown) => {
      const reason = messageOf(error);
      context.note(`The audit log does not say how this ended: ${reason}`);
    });
  try {
    const answer = await command.run(input, context);
    await end({ outcome: 'done', ...answer.made });
    return answer;
  } catch (error) {
    await end({ outcome: error instanceof UsageError || isRefusal(error) ? 'refused' : 'failed' });
    throw error;
  }
}

/** @returns what the audit log calls a command */
export function actionOf(name: string): string {
  return `npm run admin -- ${name}`;
}
