import type { Logger } from 'pino';
import type { SocketConfig } from '@whiskeysockets/baileys';
import { withoutNumbers } from '../../common/without-numbers.js';

type BaileysLogger = SocketConfig['logger'];

/**
 * The logger that Baileys gets: warnings and errors only, and of their fields only what can't hold addresses, names,
 * stanzas or keys. Baileys itself logs whole nodes.
 *
 * @param log lines carry what is bound to it (component, instance)
 */
export function baileysLogger(log: Logger): BaileysLogger {
  const logger: BaileysLogger = {
    level: 'warn',
    child: () => logger,
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: (fields, message) => log.warn(safeFields(fields), message ?? 'baileys warning'),
    error: (fields, message) => log.warn(safeFields(fields), message ?? 'baileys error'),
  };
  return logger;
}

function ignore(): void {}

function safeFields(fields: unknown): Record<string, unknown> {
  if (typeof fields === 'string') {
    // Baileys puts addresses into some of its one-string messages.
    return { detail: withoutNumbers(fields) };
  }
  if (typeof fields !== 'object' || fields === null) {
    return {};
  }
  const { err, error, trace } = fields as { err?: unknown; error?: unknown; trace?: unknown };
  const cause = err ?? error ?? trace;
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : firstLine(cause);
  return text === undefined ? {} : { cause: withoutNumbers(text) };
}

function firstLine(value: unknown): string | undefined {
  return typeof value === 'string' ? value.split('\n', 1)[0] : undefined;
}
