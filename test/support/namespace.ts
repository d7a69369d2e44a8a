import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As a container: the process is number 1 of a namespace of its own, which ends with it. */
const CONTAINER = ['--pid', '--fork', '--mount-proc', '--kill-child=KILL'];
/** For users who may not make a namespace: one in which they are root. */
const AS_ROOT = ['--user', '--map-root-user'];

/** A built entry that runs as a container's would. */
export class Contained {
  private constructor(private readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8');
    child.stderr!.setEncoding('utf8');
  }

  /**
   * @param entry below dist
   * @throws Error where this system has no namespaces
   */
  static start(entry: string, env: Record<string, string>, cwd: string): Contained {
    const file = join(import.meta.dirname, '../../dist', entry);
    const child = spawn('unshare', [...namespace(), process.execPath, file], {
      cwd,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const contained = new Contained(child);
    const endWithUs = () => contained.signal('SIGKILL');
    process.once('exit', endWithUs);
    child.once('exit', () => process.off('exit', endWithUs));
    return contained;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** @param listener given what it writes, on both streams */
  onOutput(listener: (text: string) => void): void {
    this.child.stdout!.on('data', listener);
    this.child.stderr!.on('data', listener);
  }

  /** Signals the process itself, from outside. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.child;
    if (this.hasEnded || pid === undefined) {
      return;
    }
    try {
      const [inside] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
      process.kill(Number(inside) || pid, signal);
    } catch {
      // It has ended by itself, and nobody was told yet.
    }
  }

  /** @returns the exit code; null when it was killed */
  async ended(): Promise<number | null> {
    if (!this.hasEnded) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.child.once('close', () => resolve());
      await promise;
    }
    return this.child.exitCode;
  }
}

function namespace(): string[] {
  const options = [CONTAINER, [...AS_ROOT, ...CONTAINER]].find(
    (flags) => spawnSync('unshare', [...flags, 'true']).status === 0,
  );
  if (!options) {
    throw new Error('this system has no namespaces for processes (unshare --pid)');
  }
  return options;
}
