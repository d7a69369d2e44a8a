import { createHash } from 'node:crypto';
import { type BigIntStats, existsSync, lstatSync, mkdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLoose } from './private-files.js';

/** In the data folder. */
const FOLDER = 'compiled-code';
/** The disk may be a database's: what is kept takes a fiftieth of this. */
const LEAST_ROOM_BYTES = 1024 ** 3;

/**
 * What V8 makes of the code that is read from now on is kept for the next start, which need not make it again. Without a
 * folder that is there, is this user's alone and has room, nothing is kept, and the start takes a little longer. Of builds before this
 * one nothing stays.
 *
 * Node writes it when the process ends in an orderly way, and looks at the source of each file before it takes what was kept of it.
 *
 * @param dataDir folder that may hold it
 */
export function keepCompiledCode(dataDir: string): void {
  try {
    const folder = join(dataDir, FOLDER);
    if (!existsSync(dataDir) || !hasRoom(dataDir) || !makeOwn(folder)) {
      return;
    }
    const build = buildId();
    enableCompileCache(join(folder, build));
    void forgetOthers(folder, build);
  } catch {
    // It is no reason not to start.
  }
}

function hasRoom(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= LEAST_ROOM_BYTES;
}

/** Who can write there decides what this process runs: what others could change is thrown away. @returns whether it is ours alone */
function makeOwn(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() === true && isLoose(found)) {
    rmSync(folder, { recursive: true });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  const isOurs = process.getuid === undefined || stats.uid === process.getuid();
  return stats.isDirectory() && isOurs && !isLoose(stats);
}

/** Each build, at each place and under each version of Node, has its own: what another one left would never be used again. */
function buildId(): string {
  const file = fileURLToPath(import.meta.url);
  const { mtimeNs }: BigIntStats = statSync(file, { bigint: true });
  return createHash('sha256').update(`${process.version} ${file} ${mtimeNs}`).digest('hex').slice(0, 16);
}

/** Never rejects. */
async function forgetOthers(folder: string, build: string): Promise<void> {
  const others = (await readdir(folder).catch(() => [])).filter((name) => name !== build);
  await Promise.all(
    others.map((name) => rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined)),
  );
}
