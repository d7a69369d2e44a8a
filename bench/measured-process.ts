import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { CpuReading } from './process-probe.js';
import { ChildCalls } from './rpc.js';
import type { ServiceArguments } from './service-process.js';
import { untilLine } from '../test/support/until-line.js';

const START_TIMEOUT_MS = 40_000;
const STOP_MS = 15_000;
const HOOKS = new URL('../test/hooks.ts', import.meta.url).href;
const PROBE = new URL('./worker-probe.ts', import.meta.url).href;
const WORKER = new URL('../dist/worker.js', import.meta.url);
const SERVICE = new URL('./service-process.ts', import.meta.url);

/** A process that empties an inbox. Ends with this one. */
export class MeasuredProcess {
  private readonly child: ChildProcess;
  private readonly calls: ChildCalls;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.calls = new ChildCalls(child);
  }

  /**
   * Starts the built worker, as `npm run worker` does.
   * @param folder to work in, away from the repository, so that no .env leaks in
   */
  static async worker(folder: string, environment: Record<string, string>): Promise<MeasuredProcess> {
    const child = fork(WORKER, {
      cwd: folder,
      env: environment,
      execArgv: ['--import', HOOKS, '--import', PROBE],
      silent: true,
    });
    const line = '"Message worker started"';
    await untilLine(child, child.stdout!, { name: 'the worker', line, timeoutMs: START_TIMEOUT_MS });
    return new MeasuredProcess(child);
  }

  /** Starts the service with its worker inside, on the embedded database in the folder. */
  static async service(folder: string, encryptionKey: string): Promise<MeasuredProcess> {
    const child = fork(SERVICE, { cwd: folder, execArgv: ['--import', HOOKS], serialization: 'advanced' });
    const started = new MeasuredProcess(child);
    const given: ServiceArguments = {
      // No session runs.
      whatsappUrl: 'ws://127.0.0.1:9',
      whatsappRootKey: '00'.repeat(32),
      folder,
      databaseUrl: undefined,
      hasWorker: true,
      encryptionKey,
    };
    await started.calls.call('start', given);
    return started;
  }

  cpu(): Promise<CpuReading> {
    return this.calls.call('cpu');
  }

  startProfile(): Promise<void> {
    return this.calls.call('startProfile');
  }

  stopProfile(path: string): Promise<void> {
    return this.calls.call('stopProfile', path);
  }

  /** Ends it gently, within a bound. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const exited = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.kill('SIGTERM');
    await exited;
    clearTimeout(timer);
  }
}
