import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Waits until the process that started it is gone or lets go, then stops the server and removes its folder: also when
 * the run is killed.
 */
const SCRIPT = `
  cat > /dev/null
  kill -"$3" "$1" 2> /dev/null
  n=0
  while kill -0 "$1" 2> /dev/null && [ $n -lt 100 ]; do sleep 0.05; n=$((n + 1)); done
  rm -rf "$2"`;

/** How a watchdog ends its server, and user and environment to run with, as the server. */
export interface WatchdogOptions {
  signal: 'QUIT' | 'KILL';
  uid?: number;
  gid?: number;
  env?: NodeJS.ProcessEnv;
}

/** Keeps a server from outliving this process, and does not keep this process from ending. */
export class Watchdog {
  private readonly child: ChildProcess;

  /**
   * @param server a running server, in a group of its own
   * @param folder what it leaves behind
   */
  constructor(server: ChildProcess, folder: string, { signal, ...options }: WatchdogOptions) {
    this.child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(server.pid), folder, signal], {
      ...options,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.child.unref();
  }

  /** Stops the server and removes the folder. */
  async release(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.child.ref();
    this.child.once('exit', () => resolve());
    this.child.stdin!.end();
    await promise;
  }

  /** Goes without touching anything: the server has ended, and its folder is needed. */
  dismiss(): void {
    const { pid, exitCode, signalCode } = this.child;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It has ended by itself, and nobody was told yet.
      }
    }
  }
}
