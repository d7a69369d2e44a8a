import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { DatabaseClient } from '../../src/supabase/supabase-client.js';
import pino from 'pino';
import { BaileysInboxDecoder } from '../../src/baileys/decoding/message-decoder.js';
import { DomainEventBus } from '../../src/common/domain-events.js';
import type { PersonAddress } from '../../src/common/inbox.js';
import { SecretBox } from '../../src/common/secret-box.js';
import type { OutgoingEvent } from '../../src/common/whatsapp-events.js';
import type { AppConfig, BookingPolicy } from '../../src/config/app-config.js';
import { Logs } from '../../src/logging/logs.js';
import { EmbeddedInboxNotifier } from '../../src/queue/embedded-inbox-notifier.js';
import { InboxHandoff } from '../../src/queue/inbox-handoff.js';
import { WorkerStatus } from '../../src/queue/worker-status.js';
import { DataKeysRepository } from '../../src/repositories/data-keys.repository.js';
import { InboxRepository } from '../../src/repositories/inbox.repository.js';
import type { Instance } from '../../src/repositories/instance.js';
import { InstancesRepository } from '../../src/repositories/instances.repository.js';
import { OrganizationsRepository } from '../../src/repositories/organizations.repository.js';
import type { NewInboxRow } from '../../src/repositories/session-batch.js';
import { SessionStoreRepository } from '../../src/repositories/session-store.repository.js';
import { BatchIngestion } from '../../src/routing/batch-ingestion.js';
import { KeyRing } from '../../src/secrets/key-ring.js';
import { InboxBatch } from '../../src/routing/inbox-batch.js';
import { InboxClaims } from '../../src/routing/inbox-claims.js';
import { InboxWorker } from '../../src/routing/inbox-worker.js';
import { IngestPlanner } from '../../src/routing/ingest-planner.js';
import { aTicker } from '../support/a-ticker.js';

/** What arrives at an instance. */
export interface Arrival {
  id: string;
  /** Attributes of the stanza besides its id. */
  attrs: Record<string, string>;
  message?: proto.IMessage;
  /** Instead of a message: the body as it is, not sealed. */
  rawBody?: Buffer;
  encryption?: string;
  hash?: string;
}

class SilentLogs extends Logs {
  override component(): pino.Logger {
    return pino({ level: 'silent' });
  }
  override flush(): void {}
}

/** The worker's room over a real database; rows get into the inbox in the way in which sessions put them there. */
export class RoutingHarness {
  readonly bus = new DomainEventBus();
  readonly notifier: EmbeddedInboxNotifier;
  readonly handoff = new InboxHandoff();
  readonly status = new WorkerStatus();
  readonly inbox: InboxRepository;
  readonly planner: IngestPlanner;
  readonly worker: InboxWorker;
  readonly batch: InboxBatch;
  readonly announced: OutgoingEvent[] = [];
  private readonly store: SessionStoreRepository;
  private readonly instances: InstancesRepository;
  private readonly organizations: OrganizationsRepository;
  private readonly writer = randomUUID();
  private sequence = 0;

  constructor(
    readonly client: DatabaseClient,
    bookingPolicy: BookingPolicy = 'one-open',
    readonly box = new SecretBox([randomBytes(32)]),
    /** Whether the database is this process's alone, as far as the configuration tells. */
    isEmbedded = false,
  ) {
    const logs = new SilentLogs();
    const databaseUrl = isEmbedded ? undefined : 'postgres://shared.invalid';
    const config = {
      bookingPolicy,
      queueDriver: 'embedded',
      nodeId: 'test',
      databaseUrl,
      leaseSeconds: 15,
    } as AppConfig;
    this.store = new SessionStoreRepository(client);
    this.instances = new InstancesRepository(client);
    this.organizations = new OrganizationsRepository(client);
    this.inbox = new InboxRepository(client);
    this.notifier = new EmbeddedInboxNotifier(logs);
    this.planner = new IngestPlanner(
      new BaileysInboxDecoder(new KeyRing(new DataKeysRepository(client), this.box)),
      logs,
    );
    const ingestion = new BatchIngestion(this.inbox, this.bus, config, logs);
    this.batch = new InboxBatch(new InboxClaims(this.inbox, config, logs), this.planner, ingestion, logs);
    const ticker = aTicker(client, config, logs);
    this.worker = new InboxWorker(this.batch, this.notifier, this.handoff, this.status, ticker, config, logs);
    this.bus.on('events.committed', (events) => this.announced.push(...events));
  }

  /** A linked instance of an organization of its own, unless one is given. */
  async anInstance(account: PersonAddress, organizationId = `org_${randomUUID()}`): Promise<Instance> {
    await this.organizations.ensureOrganization(organizationId);
    const phoneNumber = account.phone ?? null;
    return this.instances.insertInstance({ organizationId, instanceName: 'Front desk', phoneNumber });
  }

  /** Changes the number of an instance as `PATCH` does. */
  async renumber(instance: Instance, phoneNumber: string): Promise<void> {
    await this.instances.updateInstance('all', instance.id, { phoneNumber });
  }

  /** Links the instance: its account is known from now on. */
  async link(instance: Instance, account: PersonAddress): Promise<void> {
    const epoch = await this.epochOf(instance.id);
    const credentials = {
      instanceId: instance.id,
      sessionData: Buffer.from('x'),
      accountPhone: account.phone,
      accountLid: account.lid,
    };
    await this.commit([{ instanceId: instance.id, epoch }], [], [credentials]);
  }

  /** Commits what arrived, in one batch, and notifies no worker. */
  async receive(instance: Instance, account: PersonAddress, arrivals: Arrival[]): Promise<void> {
    const epoch = await this.epochOf(instance.id);
    const rows = arrivals.map((arrival) => this.toRow(instance, account, arrival));
    await this.commit([{ instanceId: instance.id, epoch }], rows);
  }

  /** Routes everything that waits, without the worker's loop. */
  async drain(): Promise<void> {
    let isWorkLeft: boolean;
    do {
      ({ isWorkLeft } = await this.batch.claim('drain', 200));
    } while (isWorkLeft);
  }

  private async epochOf(instanceId: string): Promise<number> {
    const session = await this.store.acquireSession(instanceId, 'test', 15);
    if (!session || 'heldBy' in session) {
      throw new Error('the instance is gone, or run by somebody else');
    }
    return session.epoch;
  }

  private async commit(
    epochs: { instanceId: string; epoch: number }[],
    inbox: NewInboxRow[],
    credentials: Parameters<SessionStoreRepository['commitBatch']>[0]['credentials'] = [],
  ): Promise<void> {
    const seq = ++this.sequence;
    await this.store.commitBatch({
      writer: this.writer,
      seq,
      epochs,
      credentials,
      upserts: [],
      deletes: [],
      inbox,
    });
  }

  private toRow(instance: Instance, account: PersonAddress, arrival: Arrival): NewInboxRow {
    const hash = arrival.hash ?? createHash('sha256').update(randomUUID()).digest('hex');
    const encoded = Buffer.from(proto.Message.encode(arrival.message ?? {}).finish());
    const sealed = this.box.seal(Buffer.concat([encoded, Buffer.of(1)]), [instance.id, 'inbox', hash]);
    const encryption = arrival.encryption ?? 'msg';
    return {
      instanceId: instance.id,
      messageId: arrival.id,
      chat: arrival.attrs['recipient'] ?? arrival.attrs['from'] ?? '',
      sender: arrival.attrs['participant'] ?? arrival.attrs['from'] ?? '',
      hash,
      attrs: { id: arrival.id, ...arrival.attrs },
      encryption,
      body: encryption === 'none' ? null : (arrival.rawBody ?? sealed),
      account,
      receivedAt: new Date(),
    };
  }
}
