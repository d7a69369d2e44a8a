import { clientOver, type DatabaseStore, type OpenDatabase, openDatabase } from './open-database.js';
import { SocketExecutor } from './socket-executor.js';

/**
 * Opens the service's database for a command of the operator, whether the service runs or not.
 *
 * @param store which one
 * @throws as `openDatabase`
 */
export async function openForOperator(store: DatabaseStore): Promise<Pick<OpenDatabase, 'client' | 'close'>> {
  const running =
    store.kind === 'embedded' && store.dataDir !== undefined
      ? await SocketExecutor.connect(store.dataDir)
      : null;
  return running === null
    ? openDatabase({ store, poolSize: 2 })
    : { client: clientOver(running), close: () => running.close() };
}
