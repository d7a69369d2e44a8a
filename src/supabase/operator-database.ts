import { clientOver, type DatabaseStore, type OpenDatabase, openDatabase } from './open-database.js';
import { SocketExecutor } from './socket-executor.js';

/**
 * Opens the service's database for a command of the operator, whether the service runs or not.
 *
 * @param store which one
 * @param mayMigrate whether migrations that are missing are applied
 * @throws as `openDatabase`
 */
export async function openForOperator(
  store: DatabaseStore,
  mayMigrate = true,
): Promise<Pick<OpenDatabase, 'client' | 'close'>> {
  const running =
    store.kind === 'embedded' && store.dataDir !== undefined
      ? await SocketExecutor.connect(store.dataDir)
      : null;
  return running === null
    ? openDatabase({ store, poolSize: mayMigrate ? 2 : undefined, mayMigrate })
    : { client: clientOver(running), close: () => running.close() };
}
