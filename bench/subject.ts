import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { WhatsAppSimulator } from '../src/simulator/whatsapp-simulator.js';
import type { BareState } from './bare-baileys.js';
import type { CpuReading, MemoryReading, WatchReading } from './process-probe.js';
import { ChildCalls } from './rpc.js';
import type { RecordedSteps } from './step-recorder.js';
import type { ServiceArguments } from './service-process.js';
import type { SubjectName } from './subject-name.js';
import { Subscriber } from './subscriber.js';
import type { ArrivedEvents } from './subscriber-thread.js';
import type { Population } from './population.js';

export interface SubjectParts {
  sim: WhatsAppSimulator;
  /** Folder of this subject's own, e.g. for its embedded database. */
  folder: string;
  /** A database of this subject's own; undefined for one that uses none. */
  databaseUrl: string | undefined;
  /** What the service requires of its callers; undefined: nothing. */
  adminApiKey?: string;
}

const STOP_MS = 15_000;
const READY_LIMIT_MS = 30_000;

/** A process that is measured: starts it, links its sessions, speaks with it. */
export class Subject {
  readonly name: SubjectName;
  readonly databaseUrl: string | undefined;
  private readonly parts: SubjectParts;
  private child!: ChildProcess;
  private calls!: ChildCalls;
  /** Where it answers; not of `bare`. */
  url = '';
  private encryptionKey: string | undefined;
  private readonly instanceIds: string[] = [];
  private subscriber: Subscriber | undefined;

  constructor(name: SubjectName, parts: SubjectParts) {
    this.name = name;
    this.parts = parts;
    this.databaseUrl = name === 'embedded' ? undefined : parts.databaseUrl;
  }

  /** Starts the process; with what it stored, when it ran before. */
  async start(): Promise<void> {
    const entry = this.name === 'bare' ? 'bare-baileys' : 'service-process';
    const preload = new URL('../test/hooks.ts', import.meta.url).href;
    this.child = fork(new URL(`./${entry}.ts`, import.meta.url), {
      execArgv: ['--import', preload, '--expose-gc'],
      serialization: 'advanced',
      // Away from the repository, so that no .env leaks in.
      cwd: this.parts.folder,
    });
    this.calls = new ChildCalls(this.child);
    const given: ServiceArguments = {
      whatsappUrl: this.parts.sim.url,
      whatsappRootKey: this.parts.sim.rootPublicKey,
      folder: this.parts.folder,
      databaseUrl: this.databaseUrl,
      hasWorker: this.name !== 'session',
      ...(this.encryptionKey !== undefined && { encryptionKey: this.encryptionKey }),
      ...(this.parts.adminApiKey !== undefined && { adminApiKey: this.parts.adminApiKey }),
    };
    const started = await this.calls.call<{ url: string; encryptionKey: string } | undefined>('start', given);
    if (started !== undefined) {
      this.url = started.url;
      this.encryptionKey = started.encryptionKey;
    }
  }

  /** Links the session of one owner and waits until it is past its first login. */
  async link(population: Population, index: number): Promise<void> {
    const owner = population.owner(this.name, index);
    const bootstrapped = this.parts.sim.next(
      'device.bootstrapped',
      (device) => device.phone === owner.number,
      60_000,
    );
    if (this.name === 'bare') {
      const scanned = this.nextQr(index).then((qr) => owner.scans(qr));
      await Promise.all([this.calls.call('link', index), scanned]);
    } else {
      const { instance } = await this.post<{ instance: { id: string } }>('', {
        organization_id: organizationOf(index),
        instance_name: `Bench ${index}`,
        phone_number: owner.number,
      });
      this.instanceIds[index] = instance.id;
      const { pairingCode } = await this.post<{ pairingCode: string }>(`/${instance.id}/connect`, {
        method: 'code',
      });
      await owner.types(pairingCode);
    }
    await bootstrapped;
  }

  /** Writes to a phone, so that its Signal session with this one is settled. */
  async send(index: number, to: string, text: string): Promise<void> {
    if (this.name === 'bare') {
      await this.calls.call('send', { index, to, text });
    } else {
      await this.post(`/${this.instanceIds[index]}/send`, { to, message: text });
    }
  }

  /** Listens to the Socket.IO events of all sessions. */
  async subscribe(sessions: number, onEvents: (events: ArrivedEvents) => void): Promise<void> {
    const organizations = Array.from({ length: sessions }, (_, index) => organizationOf(index));
    this.subscriber = await Subscriber.join(this.url, organizations, onEvents, this.parts.adminApiKey);
  }

  cpu(): Promise<CpuReading> {
    return this.calls.call('cpu');
  }

  memory(): Promise<MemoryReading> {
    return this.calls.call('memory');
  }

  /** How many timers are set. */
  timers(): Promise<number> {
    return this.calls.call('timers');
  }

  /** In bytes. */
  peakRss(): Promise<number> {
    return this.calls.call('peakRss');
  }

  startWatching(): Promise<void> {
    return this.calls.call('startWatching');
  }

  stopWatching(): Promise<WatchReading> {
    return this.calls.call('stopWatching');
  }

  /** Where messages of a session are sent; not of `bare`. */
  sendUrl(index: number): string {
    return `${this.url}/api/whatsapp/instances/${this.instanceIds[index]}/send`;
  }

  /** Resolves when the service says that it is ready; not for `bare`. */
  async ready(): Promise<void> {
    const giveUpAt = performance.now() + READY_LIMIT_MS;
    for (;;) {
      const response = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(10_000) });
      const text = await response.text();
      if (response.ok) {
        return;
      }
      if (performance.now() > giveUpAt) {
        throw new Error(`${this.name} is not ready: ${text}`);
      }
      await delay(20);
    }
  }

  /** Notes when messages pass which step from now on; not for `bare`. */
  startSteps(): Promise<void> {
    return this.calls.call('startSteps');
  }

  stopSteps(): Promise<RecordedSteps> {
    return this.calls.call('stopSteps');
  }

  startProfile(): Promise<void> {
    return this.calls.call('startProfile');
  }

  stopProfile(path: string): Promise<void> {
    return this.calls.call('stopProfile', path);
  }

  /** Ends the process and starts it again with the sessions it has; resolves when all of them are on line. */
  async restart(population: Population, sessions: number): Promise<void> {
    const states = this.name === 'bare' ? await this.calls.call<BareState[]>('exportStates') : [];
    await this.stop();
    const connected = Array.from({ length: sessions }, (_, index) => {
      const { number } = population.owner(this.name, index);
      return this.parts.sim.next('device.connected', (device) => device.phone === number, 120_000);
    });
    await this.start();
    if (this.name === 'bare') {
      await this.calls.call('importStates', states, 120_000);
    }
    await Promise.all(connected);
  }

  /** Ends the process, gently within a bound. */
  async stop(): Promise<void> {
    await this.subscriber?.stop();
    this.subscriber = undefined;
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const exited = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    this.calls.call('stop').catch(() => undefined);
    await exited;
    clearTimeout(timer);
  }

  /** Ends the process by a signal: SIGTERM lets it close its sessions. */
  async kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { child } = this;
    const exited = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.kill(signal);
    await exited;
    clearTimeout(timer);
  }

  private async nextQr(index: number): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const listener = (notice: unknown) => {
      const { index: other, qr } = notice as { index: number; qr: string };
      if (other === index) {
        resolve(qr);
      }
    };
    this.calls.on('qr', listener);
    const qr = await promise;
    this.calls.off('qr', listener);
    return qr;
  }

  private async post<T>(path: string, body: unknown): Promise<T> {
    const response = await fetch(`${this.url}/api/whatsapp/instances${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.parts.adminApiKey !== undefined && { authorization: `Bearer ${this.parts.adminApiKey}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${this.name}: POST ${path} answered ${response.status}: ${text}`);
    }
    return JSON.parse(text) as T;
  }
}

/** Each session belongs to a tenant of its own. */
function organizationOf(index: number): string {
  return `bench-${index}`;
}
