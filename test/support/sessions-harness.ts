import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { pino } from 'pino';
import { BaileysInboxDecoder } from '../../src/baileys/decoding/message-decoder.js';
import { GroupCommit } from '../../src/baileys/storage/group-commit.js';
import { GroupCommitOptions } from '../../src/baileys/storage/group-commit-options.js';
import { silenceLibsignal } from '../../src/baileys/patches/libsignal-console.js';
import { LocalSessions } from '../../src/baileys/cluster/local-sessions.js';
import { NodeLiveness } from '../../src/baileys/ownership/node-liveness.js';
import { NodeHeartbeat } from '../../src/baileys/cluster/node-heartbeat.js';
import { SendQueues } from '../../src/baileys/outbound/send-queues.js';
import { SendStore } from '../../src/baileys/outbound/send-store.js';
import { OutcomeRecorder } from '../../src/baileys/outbound/outcome-recorder.js';
import { PairingQrStore } from '../../src/baileys/pairing/pairing-qr-store.js';
import { ReceiptBatcher } from '../../src/baileys/outbound/receipt-batcher.js';
import { RecipientResolver } from '../../src/baileys/outbound/recipient-resolver.js';
import { NodeRequestHandler } from '../../src/baileys/cluster/node-request-handler.js';
import { NodeRequestClient } from '../../src/baileys/cluster/node-request-client.js';
import { MessageSender } from '../../src/baileys/outbound/message-sender.js';
import { SessionCalls } from '../../src/baileys/cluster/session-calls.js';
import { SessionClaims } from '../../src/baileys/cluster/session-claims.js';
import { SessionContext } from '../../src/baileys/session/session-context.js';
import { SessionLoader } from '../../src/baileys/session/session-loader.js';
import { SessionRegistry } from '../../src/baileys/session/session-registry.js';
import { SessionSettings } from '../../src/baileys/settings/session-settings.js';
import { SessionShutdown } from '../../src/baileys/cluster/session-shutdown.js';
import { SessionCiphers } from '../../src/baileys/sealing/session-ciphers.js';
import { SessionsService } from '../../src/baileys/sessions.service.js';
import { StatusPublisher } from '../../src/baileys/session/status-publisher.js';
import { StorageProbe } from '../../src/baileys/storage/storage-probe.js';
import { DomainEventBus } from '../../src/common/domain-events.js';
import type { InboxRow, ReceivedMessage } from '../../src/common/inbox.js';
import { SecretBox } from '../../src/common/secret-box.js';
import type { OutgoingEvent } from '../../src/common/whatsapp-events.js';
import type { AppConfig } from '../../src/config/app-config.js';
import type { Logs } from '../../src/logging/logs.js';
import { HealthService } from '../../src/health/health.service.js';
import type { KeyRollout } from '../../src/secrets/key-rollout.js';
import { ProcessChecks } from '../../src/health/process-checks.js';
import type { ReadinessResponse } from '../../src/health/readiness.response.js';
import { EmbeddedInboxNotifier } from '../../src/queue/embedded-inbox-notifier.js';
import { EmbeddedNodeSignals } from '../../src/queue/embedded-node-signals.js';
import { InboxHandoff } from '../../src/queue/inbox-handoff.js';
import { QueueInspector } from '../../src/queue/queue-inspector.js';
import { WorkerStatus } from '../../src/queue/worker-status.js';
import { DataKeysRepository } from '../../src/repositories/data-keys.repository.js';
import { DatabaseHealthRepository } from '../../src/repositories/database-health.repository.js';
import { InstanceStatusRepository } from '../../src/repositories/instance-status.repository.js';
import type { Instance } from '../../src/repositories/instance.js';
import { InstancesRepository } from '../../src/repositories/instances.repository.js';
import { LeasesRepository } from '../../src/repositories/leases.repository.js';
import { LogoutsRepository } from '../../src/repositories/logouts.repository.js';
import { MessagesRepository } from '../../src/repositories/messages.repository.js';
import { NodeRequestsRepository } from '../../src/repositories/node-requests.repository.js';
import { OrganizationsRepository } from '../../src/repositories/organizations.repository.js';
import { PairingQrsRepository } from '../../src/repositories/pairing-qrs.repository.js';
import { KeyRing } from '../../src/secrets/key-ring.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { aTicker } from './a-ticker.js';
import { expectNoLeak } from './log-leaks.js';
import { openStoreUnderTest } from './store-under-test.js';
import { HoldableStore } from './sessions-store.js';

/** The only process. */
const NO_OTHERS = { lacksKey: false } as KeyRollout;

export const ORGANIZATION = 'clinic';

/** A gate that takes everything for durable: the control, which must acknowledge too early. */
class UngatedGroupCommit extends GroupCommit {
  override get durableTicket(): number {
    return Infinity;
  }
}

export interface HarnessOptions {
  /** Instead of an embedded one; closed with the harness. */
  database?: OpenDatabase;
  /** Bounds of the group commit that differ. */
  commits?: Partial<GroupCommitOptions>;
  /** No other root is configured than WhatsApp's, so the simulated servers are not to be trusted. */
  isForWhatsAppAlone?: boolean;
  /** Nothing is held back until it is committed. */
  isUngated?: boolean;
}

/** The sessions room over an embedded database and the simulated network, as the composition wires it. */
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
  private readonly box = new SecretBox([this.key]);
  readonly worker = new WorkerStatus();
  private readonly ring: KeyRing;

  private constructor(
    readonly sim: WhatsAppSimulator,
    readonly database: OpenDatabase,
    private readonly adjust: (settings: SessionSettings) => void,
    private readonly options: HarnessOptions,
  ) {
    this.ring = new KeyRing(new DataKeysRepository(database.client), this.box);
  }

  /** @param adjust shortens the times that the test waits for */
  static async start(
    adjust: (settings: SessionSettings) => void = () => undefined,
    options: HarnessOptions = {},
  ): Promise<SessionsHarness> {
    silenceLibsignal();
    const [sim, database] = await Promise.all([
      WhatsAppSimulator.start({}),
      options.database ?? openStoreUnderTest(),
    ]);
    const harness = new SessionsHarness(sim, database, adjust, options);
    await new OrganizationsRepository(database.client).ensureOrganization(ORGANIZATION);
    harness.worker.set({ running: true, isFailing: false });
    harness.wire();
    return harness;
  }

  async stop(): Promise<void> {
    this.store.letGo();
    await this.sessions.onApplicationShutdown();
    await this.sim.stop();
    await this.database.close();
    expectNoLeak(this.lines.map((line) => JSON.stringify(line)).join('\n'));
  }

  /** As a restart of the process: everything in memory is gone, stored sessions come back. */
  async restart(): Promise<void> {
    await this.sessions.onApplicationShutdown();
    this.wire();
    this.sessions.onApplicationBootstrap();
  }

  async readiness(): Promise<ReadinessResponse> {
    const database = new DatabaseHealthRepository(this.database.client);
    const config = { queueDriver: 'embedded', leaseSeconds: 15 } as AppConfig;
    const ticker = aTicker(this.database.client, config, this.logs());
    const checks = new ProcessChecks(
      database,
      this.worker,
      new QueueInspector(),
      NO_OTHERS,
      ticker,
      config,
      {} as Logs,
    );
    return new HealthService(checks, this.sessions).getReadiness();
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
    const messages = inboxRows.map(await new BaileysInboxDecoder(this.ring).readerOf(inboxRows));
    return messages.filter(({ isPeerTraffic }) => !isPeerTraffic);
  }

  private wire(): void {
    const { client } = this.database;
    const logs = this.logs();
    const commitOptions = (this.commitOptions = Object.assign(
      new GroupCommitOptions(),
      this.options.commits,
    ));
    const settings = (this.settings = new SessionSettings());
    settings.reconnect = { baseMs: 20, maxMs: 100, stableMs: 60_000 };
    settings.storageProbe = { timeoutMs: 500, baseMs: 20, maxMs: 100 };
    settings.handshakeSpacingMs = 5;
    this.adjust(settings);
    const { url, rootPublicKey } = this.sim;
    const config = {
      nodeId: 'test',
      leaseSeconds: 15,
      logoutHours: 24,
      whatsappWsUrl: url,
      whatsappRootKey: this.options.isForWhatsAppAlone ? undefined : rootPublicKey,
    } as AppConfig;
    this.bus = new DomainEventBus();
    this.bus.on('events.committed', (events) => this.events.push(...events));
    this.store = new HoldableStore(client);
    this.instances = new InstancesRepository(client);
    const messages = new MessagesRepository(client);
    const Log = this.options.isUngated ? UngatedGroupCommit : GroupCommit;
    const groupCommit = new Log(
      this.store,
      new EmbeddedInboxNotifier(logs),
      new InboxHandoff(),
      commitOptions,
      logs,
    );
    const receipts = new ReceiptBatcher(messages, logs);
    const recorder = new OutcomeRecorder(messages, receipts, settings, logs);
    const queues = (this.outbound = new SendQueues(messages, receipts, recorder, settings, logs));
    const probe = new StorageProbe(this.store, groupCommit, settings);
    const leases = new LeasesRepository(client);
    const liveness = new NodeLiveness(leases, config);
    const statuses = new StatusPublisher(new InstanceStatusRepository(client), this.bus, logs);
    const qrStore = new PairingQrStore(new PairingQrsRepository(client), this.box, liveness, logs);
    const context = new SessionContext(
      groupCommit,
      new SessionLoader(
        this.store,
        new SessionCiphers(this.box, this.ring),
        groupCommit,
        settings,
        config,
        probe,
        liveness,
        statuses,
      ),
      statuses,
      receipts,
      queues,
      messages,
      this.bus,
      qrStore,
      settings,
      config,
      logs,
    );
    const registry = new SessionRegistry(context, this.store);
    const resolver = new RecipientResolver(settings);
    const signals = new EmbeddedNodeSignals();
    const claims = new SessionClaims(registry, context, signals);
    const sendStore = new SendStore(messages, settings, this.bus, config);
    const sender = new MessageSender(resolver, sendStore, queues, recorder, settings);
    const local = new LocalSessions(registry, sender, context);
    const requests = new NodeRequestsRepository(client);
    const requestClient = new NodeRequestClient(requests, signals, liveness, this.box, config);
    const handler = new NodeRequestHandler(local, registry, this.instances, requests, this.box, context);
    const ticker = aTicker(client, config, logs);
    const heartbeat = new NodeHeartbeat(
      ticker,
      liveness,
      registry,
      claims,
      handler,
      context,
      config,
      signals,
    );
    this.sessions = new SessionsService(
      registry,
      heartbeat,
      local,
      new SessionCalls(registry, local, requestClient, this.instances, messages, settings),
      qrStore,
      leases,
      new LogoutsRepository(client),
      new SessionShutdown(registry, heartbeat, claims, probe, context),
      context,
    );
  }

  logs(): Logs {
    const root = pino(
      { level: 'info' },
      { write: (line: string) => void this.lines.push(JSON.parse(line) as Record<string, unknown>) },
    );
    return { component: (name: string) => root.child({ component: name }), flush: () => undefined } as Logs;
  }
}
