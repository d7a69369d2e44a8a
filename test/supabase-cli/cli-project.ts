import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const CLI = join(ROOT, 'node_modules/.bin/supabase');
const LIMIT_MS = 120_000;

/** What a command of the CLI came to. */
export interface CliOutcome {
  /** Null when it was killed. */
  status: number | null;
  /** Everything it printed. */
  output: string;
}

/** A copy of our `supabase/` for the Supabase CLI, which writes beside it; the copy is how a user has it. */
export class CliProject {
  private constructor(private readonly folder: string) {}

  static async make(): Promise<CliProject> {
    const folder = await mkdtemp(join(tmpdir(), 'auzap-cli-'));
    await cp(join(ROOT, 'supabase'), join(folder, 'supabase'), { recursive: true });
    return new CliProject(folder);
  }

  /** Puts a migration of another application beside ours. */
  async add(fileName: string, sql: string): Promise<void> {
    await writeFile(join(this.folder, 'supabase/migrations', fileName), sql);
  }

  /**
   * Runs `supabase db …`. The commands end with another status than 0 on findings.
   * @param onSpawn is given what kills it, with the programs that it started
   */
  run(
    databaseUrl: string,
    args: readonly string[],
    onSpawn?: (kill: () => void) => void,
  ): Promise<CliOutcome> {
    // The server of the test speaks no TLS.
    const all = ['db', ...args, '--db-url', `${databaseUrl}?sslmode=disable`];
    const child = spawn(CLI, all, {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: the command of npm only starts the one of the platform.
      detached: true,
      env: {
        PATH: process.env['PATH'],
        HOME: this.folder,
        DO_NOT_TRACK: '1',
        SUPABASE_TELEMETRY_DISABLED: '1',
        SUPABASE_NO_UPDATE_NOTIFIER: '1',
      },
    });
    const kill = () => {
      process.kill(-child.pid!, 'SIGKILL');
    };
    const limit = setTimeout(kill, LIMIT_MS);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    onSpawn?.(kill);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => {
        clearTimeout(limit);
        resolve({ status, output });
      });
    });
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
