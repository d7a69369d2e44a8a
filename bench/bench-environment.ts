import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WhatsAppSimulator } from '../src/simulator/whatsapp-simulator.js';
import { startTestPostgres } from '../test/support/postgres-server.js';
import { Fixture } from './fixture.js';
import { Databases } from './databases.js';
import type { Subject } from './subject.js';
import type { SubjectName } from './subject-name.js';

/** As an operator runs it: a commit is on the disk before it is answered. And the time of each commit is kept. */
const POSTGRES_SETTINGS = [
  'fsync=on',
  'synchronous_commit=on',
  'track_commit_timestamp=on',
  'shared_buffers=256MB',
  'max_wal_size=2GB',
  'max_connections=100',
];

type Undo = () => Promise<unknown>;

/** What a run needs around what it measures: a folder, a Postgres, networks, processes. */
export class BenchEnvironment {
  readonly say: (text: string) => void;
  /** In reverse, also when the run is interrupted. */
  private readonly undos: Undo[] = [];
  private readonly running = new Set<Subject>();
  private cleaning: Promise<void> | undefined;
  private folder = '';
  private databases = new Databases('');

  /** @param say progress, and what goes wrong while cleaning up */
  constructor(say: (text: string) => void) {
    this.say = say;
  }

  /**
   * Once, before anything else.
   * @param databaseUrl a Postgres that is there already; undefined: one of our own
   */
  async open(options: { needsPostgres: boolean; databaseUrl: string | undefined }): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'auzap-bench-'));
    this.folder = folder;
    this.undos.push(() => rm(folder, { recursive: true, force: true }));
    if (options.needsPostgres) {
      const postgres = await startTestPostgres(options.databaseUrl, POSTGRES_SETTINGS);
      this.undos.push(() => postgres.stop());
      this.databases = new Databases(postgres.url);
    }
    this.undos.push(() => this.databases.dropAll());
    this.undos.push(() => Promise.all([...this.running].map((subject) => subject.stop())));
  }

  /** @param undo run at the end of the run, in reverse order */
  onCleanUp(undo: Undo): void {
    this.undos.push(undo);
  }

  /** @returns a folder of the run */
  makeFolder(): Promise<string> {
    return mkdtemp(join(this.folder, 'part-'));
  }

  /** @returns the URL of a new, empty database */
  createDatabase(): Promise<string> {
    return this.databases.create();
  }

  dropDatabases(): Promise<void> {
    return this.databases.dropAll();
  }

  /**
   * Each fixture has a network of its own: what earlier rounds left behind costs it nothing.
   * @param adminApiKey required of every caller of a service; undefined: nothing is
   */
  async openFixture(names: readonly SubjectName[], sessions: number, adminApiKey?: string): Promise<Fixture> {
    const sim = await WhatsAppSimulator.start({ inboxLimit: 200, ledgerLimit: 1_000 });
    this.undos.push(() => sim.stop());
    const { databases, folder, running } = this;
    const onSubject = (subject: Subject) => running.add(subject);
    return Fixture.start({ sim, databases, folder, adminApiKey, onSubject }, names, sessions);
  }

  /** Fixtures are closed before the next one is opened. */
  async closeFixture(fixture: Fixture): Promise<void> {
    await fixture.stop();
    fixture.subjects.forEach((subject) => this.running.delete(subject));
    await this.undos.pop()?.();
    await this.databases.dropAll();
  }

  /** @returns version and settings of the Postgres that the figures depend on */
  describeDatabase(): ReturnType<Databases['describe']> {
    return this.databases.describe();
  }

  /** Undoes everything, once; never rejects. */
  cleanUp(): Promise<void> {
    this.cleaning ??= (async () => {
      for (let undo = this.undos.pop(); undo; undo = this.undos.pop()) {
        await undo().catch((error: unknown) => this.say(`clean-up: ${String(error)}`));
      }
    })();
    return this.cleaning;
  }
}
