import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { pino } from 'pino';
import { BaileysInboxDecoder } from '../../src/baileys/message-decoder.js';
import { CommitLog } from '../../src/baileys/commit-log.js';
import { CommitLogOptions } from '../../src/baileys/commit-log-options.js';
import { silenceLibsignal } from '../../src/baileys/libsignal-console.js';
import { ReceiptBatcher } from '../../src/baileys/receipt-batcher.js';
import { RecipientResolver } from '../../src/baileys/recipient-resolver.js';
import { Sender } from '../../src/baileys/sender.js';
import { SessionContext } from '../../src/baileys/session-context.js';
import { SessionLoader } from '../../src/baileys/session-loader.js';
import { SessionRegistry } from '../../src/baileys/session-registry.js';
import { SessionResumer } from '../../src/baileys/session-resumer.js';
import { SessionSettings } from '../../src/baileys/session-settings.js';
import { SessionVault } from '../../src/baileys/session-vault.js';
import { SessionsService } from '../../src/baileys/sessions.service.js';
import { StatusPublisher } from '../../src/baileys/status-publisher.js';
import { UpstreamError } from '../../src/common/app-error.js';
import { DomainEventBus } from '../../src/common/domain-events.js';
import type { InboxRow, ReceivedMessage } from '../../src/common/inbox.js';
import { SecretBox } from '../../src/common/secret-box.js';
import type { OutgoingEvent } from '../../src/common/whatsapp-events.js';
import type { AppConfig } from '../../src/config/app-config.js';
import type { Logs } from '../../src/logging/logs.js';
import { EmbeddedBell } from '../../src/queue/embedded-bell.js';
import { ContactsRepository } from '../../src/repositories/contacts.repository.js';
import { InstanceStatusRepository } from '../../src/repositories/instance-status.repository.js';
import type { Instance } from '../../src/repositories/instance.js';
import { InstancesRepository } from '../../src/repositories/instances.repository.js';
import { MessagesRepository } from '../../src/repositories/messages.repository.js';
import { OrganizationsRepository } from '../../src/repositories/organizations.repository.js';
import type { AcquiredSession, CommitResult, SessionBatch } from '../../src/repositories/session-batch.js';
import { SessionStoreRepository } from '../../src/repositories/session-store.repository.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type OpenDatabase, openDatabase } from '../../src/supabase/open-database.js';

export const ORGANIZATION = 'clinic';

/** The session store, whose commits a test can hold back. */
class HoldableStore extends SessionStoreRepository {
  private gate: PromiseWithResolvers<void> | undefined;
  heldCommits = 0;
  /** The database is away: commits and take-overs fail. */
  isDown = false;

  hold(): void {
    this.gate = Promise.withResolvers();
  }

  letGo(): void {
    this.gate?.resolve();
    this.gate = undefined;
  }

  override async commitBatch(batch: SessionBatch): Promise<CommitResult> {
    if (this.gate) {
      this.heldCommits += 1;
      await this.gate.promise;
    }
    this.assertUp();
    return super.commitBatch(batch);
  }

  override async acquireSession(instanceId: string, nodeId: string): Promise<AcquiredSession | null> {
    this.assertUp();
    return super.acquireSession(instanceId, nodeId);
  }

  private assertUp(): void {
    if (this.isDown) {
      throw new UpstreamError('database_unavailable', 'The database is away.');
    }
  }
}

/** The sessions room over an embedded database and the simulated network, as the composition wires it. */
export class SessionsHarness {
  readonly lines: Record<string, unknown>[] = [];
  readonly events: OutgoingEvent[] = [];
  bus!: DomainEventBus;
  sessions!: SessionsService;
  store!: HoldableStore;
  instances!: InstancesRepository;
  private readonly box = new SecretBox([randomBytes(32)]);

  private constructor(
    readonly sim: WhatsAppSimulator,
    readonly database: OpenDatabase,
    private readonly adjust: (settings: SessionSettings) => void,
  ) {}

  /** @param adjust shortens the times that the test waits for */
  static async start(
    adjust: (settings: SessionSettings) => void = () => undefined,
  ): Promise<SessionsHarness> {
    silenceLibsignal();
    const [sim, database] = await Promise.all([
      WhatsAppSimulator.start({}),
      openDatabase({ store: { kind: 'embedded' } }),
    ]);
    const harness = new SessionsHarness(sim, database, adjust);
    await new OrganizationsRepository(database.client).ensureOrganization(ORGANIZATION);
    harness.wire();
    return harness;
  }

  async stop(): Promise<void> {
    this.store.letGo();
    await this.sessions.onApplicationShutdown();
    await this.sim.stop();
    await this.database.close();
  }

  /** As a restart of the process: everything in memory is gone, stored sessions come back. */
  async restart(): Promise<void> {
    await this.sessions.onApplicationShutdown();
    this.wire();
    this.sessions.onApplicationBootstrap();
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

  /** What people wrote that is in the inbox of an instance, decoded, in order. */
  async inbox(instance: Instance): Promise<ReceivedMessage[]> {
    const { rows } = await this.database.sql(
      `select id::text, attrs, encryption, hash, encode(body, 'base64') as body, account_phone, account_lid
         from inbox where instance_id = $1::text::uuid order by inbox.id`,
      [instance.id],
    );
    const decoder = new BaileysInboxDecoder(this.box);
    const messages = (rows as Record<string, string | null>[]).map((row) =>
      decoder.decode({
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
      }),
    );
    return messages.filter(({ isPeerTraffic }) => !isPeerTraffic);
  }

  private wire(): void {
    const { client } = this.database;
    const logs = this.logs();
    const commitOptions = Object.assign(new CommitLogOptions(), { giveUpMs: 500 });
    const settings = new SessionSettings();
    settings.reconnect = { baseMs: 20, maxMs: 100, stableMs: 60_000 };
    this.adjust(settings);
    const config = { nodeId: 'test', whatsappWsUrl: this.sim.url } as AppConfig;
    this.bus = new DomainEventBus();
    this.bus.on('events.committed', (events) => this.events.push(...events));
    this.store = new HoldableStore(client);
    this.instances = new InstancesRepository(client);
    const messages = new MessagesRepository(client);
    const vault = new SessionVault(this.box);
    const commitLog = new CommitLog(this.store, vault, new EmbeddedBell(logs), commitOptions, logs);
    const context = new SessionContext(
      commitLog,
      new SessionLoader(this.store, vault, commitLog, settings, config, logs),
      new StatusPublisher(new InstanceStatusRepository(client), this.bus, logs),
      new ReceiptBatcher(messages, logs),
      messages,
      this.bus,
      settings,
      config,
      logs,
    );
    const registry = new SessionRegistry(context, this.store);
    const resolver = new RecipientResolver(new ContactsRepository(client), messages, settings);
    this.sessions = new SessionsService(
      registry,
      new SessionResumer(this.instances, registry, context),
      new Sender(resolver, messages, settings, logs),
      context,
    );
  }

  private logs(): Logs {
    const root = pino(
      { level: 'info' },
      { write: (line: string) => void this.lines.push(JSON.parse(line) as Record<string, unknown>) },
    );
    return { component: (name: string) => root.child({ component: name }), flush: () => undefined } as Logs;
  }
}
