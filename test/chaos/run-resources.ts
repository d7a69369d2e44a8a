import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a run has on this machine: a folder, processes, a database. All of it goes with the run, however the run ends. */
export class RunResources {
  readonly folder: string;
  private readonly cleanupProcess: ChildProcess;
  private readonly gone: Promise<void>;
  private mounts: string[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.cleanupProcess = spawn(process.execPath, [join(import.meta.dirname, 'cleanup-process.ts')], {
      cwd: join(import.meta.dirname, '../..'),
      stdio: ['pipe', 'ignore', 'inherit'],
      // A group of its own: Ctrl-C is for the run.
      detached: true,
    });
    this.cleanupProcess.unref();
    this.gone = new Promise((resolve) => this.cleanupProcess.once('exit', () => resolve()));
    this.tell({ folder });
  }

  static async open(): Promise<RunResources> {
    return new RunResources(await mkdtemp(join(tmpdir(), 'auzap-chaos-')));
  }

  /** Takes note of a process, or that it is gone (null). */
  process(name: string, pid: number | null): void {
    this.tell({ pids: { [name]: pid } });
  }

  /** Takes note of a database made in somebody's server. */
  database(server: string, name: string): void {
    this.tell({ database: { server, name } });
  }

  /**
   * Mounts a disk in memory, whose size can be changed while it is used.
   * @param name of its folder
   * @returns its path, or undefined where that is not allowed
   */
  async mountDisk(bytes: number, name = 'disk'): Promise<string | undefined> {
    const path = join(this.folder, name);
    await mkdir(path);
    return this.mount(path, `size=${bytes}`) ? path : undefined;
  }

  /** Mounts an empty disk that nobody may write to over a folder. @returns takes it away, or undefined where that is not allowed */
  coverReadOnly(path: string): (() => void) | undefined {
    if (!this.mount(path, 'ro')) {
      return undefined;
    }
    return () => {
      spawnSync('umount', ['-l', path]);
      this.tellMounts(this.mounts.filter((mounted) => mounted !== path));
    };
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.cleanupProcess.stdin!.end();
    await this.gone;
  }

  private mount(path: string, options: string): boolean {
    this.tellMounts([...this.mounts, path]);
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
    if (status !== 0) {
      this.tellMounts(this.mounts.filter((mounted) => mounted !== path));
    }
    return status === 0;
  }

  private tellMounts(mounts: string[]): void {
    this.mounts = mounts;
    this.tell({ mounts });
  }

  private tell(news: object): void {
    this.cleanupProcess.stdin!.write(`${JSON.stringify(news)}\n`);
  }
}
