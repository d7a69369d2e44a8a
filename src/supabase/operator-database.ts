import { DataDirInUseError } from './data-dir-lock.js';
import { type DatabaseStore, type OpenDatabase, openDatabase } from './open-database.js';

/**
 * Opens the service's database for a command of the operator. Postgres and Supabase may be in use meanwhile; the embedded
 * database belongs to one process.
 *
 * @param store which one
 * @throws as `openDatabase`
 */
export async function openForOperator(store: DatabaseStore): Promise<Pick<OpenDatabase, 'client' | 'close'>> {
  try {
    return await openDatabase({ store, poolSize: 2 });
  } catch (error) {
    if (error instanceof DataDirInUseError) {
      throw new Error(
        `The service (process ${error.pid}) has the embedded database in ${error.dataDir} open, which belongs to one process. ` +
          'Stop the service, run this again, and start the service.',
        { cause: error },
      );
    }
    throw error;
  }
}
