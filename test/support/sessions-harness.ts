import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Abstract, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { pino } from 'pino';
import { SendQueues } from '../../src/baileys/outbound/send-queues.js';
import { silenceLibsignal } from '../../src/baileys/patches/libsignal-console.js';
import { SessionsService } from '../../src/baileys/sessions.service.js';
import { SessionSettings } from '../../src/baileys/settings/session-settings.js';
import { GroupCommitOptions } from '../../src/baileys/storage/group-commit-options.js';
import { GroupCommit } from '../../src/baileys/storage/group-commit.js';
import { DomainEventBus } from '../../src/common/domain-events.js';
import { InboxDecoder, type InboxRow, type ReceivedMessage } from '../../src/common/inbox.js';
import type { OutgoingEvent } from '../../src/common/whatsapp-events.js';
import type { AppConfig } from '../../src/config/app-config.js';
import { EnvironmentModule } from '../../src/environment.module.js';
import { HealthModule } from '../../src/health/health.module.js';
import type { HealthService } from '../../src/health/health.service.js';
import { Readiness } from '../../src/health/readiness.js';
import type { ReadinessResponse } from '../../src/health/readiness.response.js';
import type { Logs } from '../../src/logging/logs.js';
import { WorkerStatus } from '../../src/queue/worker-status.js';
import type { Instance } from '../../src/repositories/instance.js';
import { InstancesRepository } from '../../src/repositories/instances.repository.js';
import { OrganizationsRepository } from '../../src/repositories/organizations.repository.js';
import { SessionStoreRepository } from '../../src/repositories/session-store.repository.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { expectNoLeak } from './log-leaks.js';
import { HoldableStore } from './sessions-store.js';
import { openStoreUnderTest } from './store-under-test.js';

export const ORGANIZATION = 'clinic';

/** A gate that takes everything for durable: the control, which must acknowledge too early. */
class UngatedGroupCommit extends GroupCommit {
  override get durableTicket(): number {
    return Infinity;
  }
}

export interface HarnessOptions {
  /** Instead of one in a Postgres; closed with the harness. */
  database?: OpenDatabase;
  /** Bounds of the group commit that differ. */
  commits?: Partial<GroupCommitOptions>;
  /** No other root is configured than WhatsApp's, so the simulated servers are not to be trusted. */
  isForWhatsAppAlone?: boolean;
  /** Nothing is held back until it is committed. */
  isUngated?: boolean;
}

/**
 * The sessions room over a database of its own and the simulated network, from its modules. The application begins with the
 * first restart only: before, nothing but what a test asks for is done, and leases are not prolonged.
 */
export class SessionsHarness {
  readonly lines: Record<string, unknown>[] = [];
  readonly events: OutgoingEvent[] = [];
  bus!: DomainEventBus;
  sessions!: SessionsService;
  store!: HoldableStore;
  instances!: InstancesRepository;
  outbound!: SendQueues;
  /** Of the sessions that run now; a test may change them as it goes, but for what sessions copy when they begin (`keyStore`, `keyCache`). */
  settings!: SessionSettings;
  /** Of the group commit that runs now, as `settings`. */
  commitOptions!: GroupCommitOptions;
  /** What sessions are sealed with. */
  readonly key = randomBytes(32);
  readonly worker = new WorkerStatus();
  private module!: TestingModule;

  private constructor(
    readonly sim: WhatsAppSimulator,
    readonly database: OpenDatabase,
    private readonly dataDir: string,
    private readonly adjust: (settings: SessionSettings) => void,
    private readonly options: HarnessOptions,
  ) {}

  /** @param adjust shortens the times that the test waits for */
  static async start(
    adjust: (settings: SessionSettings) => void = () => undefined,
    options: HarnessOptions = {},
  ): Promise<SessionsHarness> {
    silenceLibsignal();
    const [sim, database, dataDir] = await Promise.all([
      WhatsAppSimulator.start({}),
      options.database ?? openStoreUnderTest(),
      mkdtemp(join(tmpdir(), 'auzap-sessions-')),
    ]);
    const harness = new SessionsHarness(sim, database, dataDir, adjust, options);
    await new OrganizationsRepository(database.client).ensureOrganization(ORGANIZATION);
    harness.worker.set({ running: true, isFailing: false });
    await harness.wire();
    return harness;
  }

  async stop(): Promise<void> {
    this.store.letGo();
    await this.module.close();
    await this.sim.stop();
    await this.database.close();
    await rm(this.dataDir, { recursive: true, force: true });
    expectNoLeak(this.lines.map((line) => JSON.stringify(line)).join('\n'));
  }

  /** As a restart of the process: everything in memory is gone, stored sessions come back. */
  async restart(): Promise<void> {
    await this.module.close();
    await this.wire();
    await this.module.init();
  }

  readiness(): Promise<ReadinessResponse> {
    return this.module.get<HealthService>(Readiness, { strict: false }).getReadiness();
  }

  async addInstance(phoneNumber: string | null = null): Promise<Instance> {
    return this.instances.insertInstance({
      organizationId: ORGANIZATION,
      instanceName: 'reception',
      phoneNumber,
    });
  }

  /** An instance linked to this phone and on line. */
  async linked(phone: Phone): Promise<Instance> {
    const instance = await this.addInstance();
    await this.linkByQr(instance, phone);
    return this.read(instance);
  }

  async linkByQr(instance: Instance, phone: Phone): Promise<void> {
    const offered = once(this.bus, 'instance.qr_issued') as Promise<[{ qr: string }]>;
    const connected = this.event('whatsapp:connected');
    await this.sessions.connect(instance, { method: 'qr' });
    const [{ qr }] = await offered;
    await phone.scans(qr);
    await connected;
  }

  async read(instance: Instance): Promise<Instance> {
    const found = await this.instances.findInstance('all', instance.id, { includeDeleted: true });
    if (!found) {
      throw new Error('instance is gone');
    }
    return found;
  }

  /** The next committed event of this name. */
  async event<Name extends OutgoingEvent['name']>(
    name: Name,
  ): Promise<Extract<OutgoingEvent, { name: Name }>> {
    return new Promise((resolve) => {
      const listener = (events: OutgoingEvent[]) => {
        const found = events.find((event) => event.name === name);
        if (found) {
          this.bus.off('events.committed', listener);
          resolve(found as Extract<OutgoingEvent, { name: Name }>);
        }
      };
      this.bus.on('events.committed', listener);
    });
  }

  /** What reads the inbox now. */
  get decoder(): InboxDecoder {
    return this.get(InboxDecoder);
  }

  /** What people wrote that is in the inbox of an instance, decoded, in order. */
  async inbox(instance: Instance): Promise<ReceivedMessage[]> {
    const { rows } = await this.database.sql(
      `select id::text, attrs, encryption, hash, encode(body, 'base64') as body, account_phone, account_lid
         from inbox where instance_id = $1::text::uuid order by inbox.id`,
      [instance.id],
    );
    const inboxRows = (rows as Record<string, string | null>[]).map((row): InboxRow => ({
      id: row['id']!,
      organizationId: ORGANIZATION,
      instanceId: instance.id,
      attrs: (typeof row['attrs'] === 'string'
        ? JSON.parse(row['attrs'])
        : row['attrs']) as InboxRow['attrs'],
      encryption: row['encryption']!,
      hash: row['hash']!,
      body: row['body'] === null ? null : Buffer.from(row['body']!, 'base64'),
      receivedAt: new Date(),
      attempts: 0,
      account: { phone: row['account_phone'] ?? undefined, lid: row['account_lid'] ?? undefined },
    }));
    // What names nobody has its row, and is no message.
    const readable = inboxRows.filter(({ attrs }) => attrs['from']);
    const messages = readable.map(await this.decoder.readerOf(readable));
    return messages.filter(({ isPeerTraffic }) => !isPeerTraffic);
  }

  private async wire(): Promise<void> {
    const { client } = this.database;
    this.commitOptions = Object.assign(new GroupCommitOptions(), this.options.commits);
    const settings = (this.settings = new SessionSettings());
    settings.reconnect = { baseMs: 20, maxMs: 100, stableMs: 60_000 };
    settings.storageProbe = { timeoutMs: 500, baseMs: 20, maxMs: 100 };
    settings.handshakeSpacingMs = 5;
    this.adjust(settings);
    this.store = new HoldableStore(client);
    const testing = Test.createTestingModule({
      imports: [EnvironmentModule.with(this.config(), this.logs()), HealthModule],
    })
      .overrideProvider(OPEN_DATABASE)
      .useValue({ ...this.database, close: () => Promise.resolve() })
      .overrideProvider(SessionStoreRepository)
      .useValue(this.store)
      .overrideProvider(SessionSettings)
      .useValue(settings)
      .overrideProvider(GroupCommitOptions)
      .useValue(this.commitOptions)
      .overrideProvider(WorkerStatus)
      .useValue(this.worker);
    if (this.options.isUngated) {
      testing.overrideProvider(GroupCommit).useClass(UngatedGroupCommit);
    }
    this.module = await testing.compile();
    this.bus = this.get(DomainEventBus);
    this.bus.on('events.committed', (events) => this.events.push(...events));
    this.instances = this.get(InstancesRepository);
    this.outbound = this.get(SendQueues);
    this.sessions = this.get(SessionsService);
  }

  private get<T>(type: Type<T> | Abstract<T>): T {
    return this.module.get<T>(type, { strict: false });
  }

  private config(): AppConfig {
    const { url, rootPublicKey } = this.sim;
    return {
      nodeId: 'test',
      dataDir: this.dataDir,
      media: { store: 'local' },
      leaseSeconds: 15,
      hasFastReceive: true,
      logoutHours: 24,
      queueDriver: 'embedded',
      sessionEncryptionKeys: [this.key],
      whatsappWsUrl: url,
      whatsappRootKey: this.options.isForWhatsAppAlone ? undefined : rootPublicKey,
    } as unknown as AppConfig;
  }

  logs(): Logs {
    const root = pino(
      { level: 'info' },
      { write: (line: string) => void this.lines.push(JSON.parse(line) as Record<string, unknown>) },
    );
    return { component: (name: string) => root.child({ component: name }), flush: () => undefined } as Logs;
  }
}
