import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** As a container: the process is number 1 of a namespace of its own, which ends with it. */
const CONTAINER = ['--pid', '--fork', '--mount-proc', '--kill-child=KILL'];
/** For users who may not make a namespace: one in which they are root. */
const AS_ROOT = ['--user', '--map-root-user'];

/** A built entry that runs as a container's would. */
export class ContainedProcess {
  private constructor(private readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8');
    child.stderr!.setEncoding('utf8');
  }

  /**
   * @param entry below dist
   * @throws Error where this system has no namespaces
   */
  static start(entry: string, env: Record<string, string>, cwd: string): ContainedProcess {
    return ContainedProcess.run([process.execPath, join(import.meta.dirname, '../../dist', entry)], env, cwd);
  }

  /**
   * @param command what a container would run, with its arguments
   * @throws Error where this system has no namespaces
   */
  static run(command: readonly string[], env: Record<string, string>, cwd: string): ContainedProcess {
    const child = spawn('unshare', [...namespace(), ...command], {
      cwd,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const contained = new ContainedProcess(child);
    const endWithUs = () => contained.signal('SIGKILL');
    process.once('exit', endWithUs);
    child.once('exit', () => process.off('exit', endWithUs));
    return contained;
  }

  /** Process 1 of the namespace as it is known outside; undefined while there is none. */
  get firstPid(): number | undefined {
    const { pid } = this.child;
    return pid === undefined ? undefined : childrenOf(pid)[0];
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** @param listener given what it writes, on both streams */
  onOutput(listener: (text: string) => void): void {
    this.child.stdout!.on('data', listener);
    this.child.stderr!.on('data', listener);
  }

  /** Runs a command in the namespace, as `docker exec` does, until it ends. */
  async exec(command: readonly string[]): Promise<void> {
    const target = this.firstPid!;
    const isOwnUser = readlinkSync(`/proc/${target}/ns/user`) === readlinkSync('/proc/self/ns/user');
    const user = isOwnUser ? [] : ['--user', '--preserve-credentials'];
    const child = spawn('nsenter', ['--target', String(target), ...user, '--pid', ...command], {
      stdio: 'ignore',
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) {
      throw new Error(`nsenter ended with ${code}`);
    }
  }

  /** Signals the process itself, from outside. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.child;
    if (this.hasEnded || pid === undefined) {
      return;
    }
    try {
      process.kill(this.firstPid ?? pid, signal);
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

/** @returns the processes that a process started, or took over, and that are still there; none of one that has ended */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
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
