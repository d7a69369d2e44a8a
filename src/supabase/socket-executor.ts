import { askService } from './sql-client.js';
import type { SqlExecutor, SqlResult } from './sql-executor.js';
import { SQL_LIMITS, type SqlAnswer } from './sql-socket.js';

/** The embedded database of a running service, for commands of the operator: statement by statement, over its socket. */
export class SocketExecutor implements SqlExecutor {
  private constructor(private readonly dataDir: string) {}

  /**
   * @param dataDir folder of the embedded database
   * @returns null when no running service has it open
   */
  static async connect(dataDir: string): Promise<SocketExecutor | null> {
    return (await askService(dataDir, { sql: 'select 1' })) === null ? null : new SocketExecutor(dataDir);
  }

  async query(text: string, params: readonly (string | null)[] = []): Promise<SqlResult> {
    const answer = await askService(this.dataDir, { sql: text, params });
    if (answer === null) {
      throw new Error('the running service ended meanwhile: repeat the command');
    }
    return toResult(answer);
  }

  /** @throws Error always: what is open to others can't be kept for one */
  transaction(): Promise<never> {
    return Promise.reject(new Error('a running service takes one statement at a time'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function toResult(answer: SqlAnswer): SqlResult {
  if ('error' in answer) {
    const { message, ...rest } = answer.error;
    throw Object.assign(new Error(message), rest);
  }
  if (answer.isCut) {
    throw new Error(`the answer has more than ${SQL_LIMITS.rows} rows`);
  }
  return answer;
}
