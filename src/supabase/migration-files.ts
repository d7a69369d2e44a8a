import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of `supabase/migrations`, in the Supabase CLI's naming. */
export interface MigrationFile {
  /** 14 digits. */
  version: string;
  name: string;
  sql: string;
  /** What runs before it, in the same transaction, on a database that release 0.1 made. */
  upgradeSql?: string | undefined;
}

const FILE_NAME = /^(\d{14})_([A-Za-z0-9_-]+)\.sql$/;

/** @returns the folder of the migrations, whether this code runs from the sources or from the build */
export function findMigrationsFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'supabase', 'migrations');
    if (existsSync(candidate)) {
      return candidate;
    }
    if (dirname(folder) === folder) {
      throw new Error('supabase/migrations was not found beside the application');
    }
  }
}

/**
 * @param folder folder of the migrations
 * @returns them in the order in which they are applied
 */
export async function readMigrations(folder: string): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (fileName) => {
      const [, version, name] = FILE_NAME.exec(fileName) ?? [];
      if (version === undefined || name === undefined) {
        throw new Error(`${fileName} is not named like a migration (14 digits, an underscore, a name)`);
      }
      const upgrade = join(dirname(folder), 'upgrade', fileName);
      return {
        version,
        name,
        sql: await readFile(join(folder, fileName), 'utf8'),
        upgradeSql: existsSync(upgrade) ? await readFile(upgrade, 'utf8') : undefined,
      };
    }),
  );
}
