import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Abstract, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { proto } from '@whiskeysockets/baileys';
import pino from 'pino';
import { DomainEventBus } from '../../src/common/domain-events.js';
import type { PersonAddress } from '../../src/common/inbox.js';
import { SecretBox } from '../../src/common/secret-box.js';
import type { OutgoingEvent } from '../../src/common/whatsapp-events.js';
import type { AppConfig, BookingPolicy } from '../../src/config/app-config.js';
import { EnvironmentModule } from '../../src/environment.module.js';
import { Logs } from '../../src/logging/logs.js';
import { InboxHandoff } from '../../src/queue/inbox-handoff.js';
import { InboxNotifier } from '../../src/queue/inbox-notifier.js';
import { WorkerStatus } from '../../src/queue/worker-status.js';
import { InboxRepository } from '../../src/repositories/inbox.repository.js';
import type { Instance } from '../../src/repositories/instance.js';
import { InstancesRepository } from '../../src/repositories/instances.repository.js';
import { OrganizationsRepository } from '../../src/repositories/organizations.repository.js';
import type { NewInboxRow } from '../../src/repositories/session-batch.js';
import { SessionStoreRepository } from '../../src/repositories/session-store.repository.js';
import { InboxBatch } from '../../src/routing/inbox-batch.js';
import { InboxWorker } from '../../src/routing/inbox-worker.js';
import { IngestPlanner } from '../../src/routing/ingest-planner.js';
import { RoutingModule } from '../../src/routing/routing.module.js';
import type { DatabaseClient } from '../../src/supabase/supabase-client.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';

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
  readonly bus: DomainEventBus;
  readonly notifier: InboxNotifier;
  readonly handoff: InboxHandoff;
  readonly status: WorkerStatus;
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

  private constructor(
    module: TestingModule,
    readonly client: DatabaseClient,
    readonly box: SecretBox,
  ) {
    const get = <T>(type: Type<T> | Abstract<T>): T => module.get<T>(type, { strict: false });
    this.bus = get(DomainEventBus);
    this.notifier = get<InboxNotifier>(InboxNotifier);
    this.handoff = get(InboxHandoff);
    this.status = get(WorkerStatus);
    this.inbox = get(InboxRepository);
    this.planner = get(IngestPlanner);
    this.worker = get(InboxWorker);
    this.batch = get(InboxBatch);
    this.store = get(SessionStoreRepository);
    this.instances = get(InstancesRepository);
    this.organizations = get(OrganizationsRepository);
    this.bus.on('events.committed', (events) => this.announced.push(...events));
  }

  /**
   * The worker does not run: a test starts it, or routes by hand.
   * @param isEmbedded whether the database is this process's alone, as far as the configuration tells
   */
  static async over(
    client: DatabaseClient,
    bookingPolicy: BookingPolicy = 'one-open',
    box = new SecretBox([randomBytes(32)]),
    isEmbedded = false,
  ): Promise<RoutingHarness> {
    const config = {
      bookingPolicy,
      queueDriver: 'embedded',
      nodeId: 'test',
      databaseUrl: isEmbedded ? undefined : 'postgres://shared.invalid',
      leaseSeconds: 15,
    } as AppConfig;
    const module = await Test.createTestingModule({
      imports: [EnvironmentModule.with(config, new SilentLogs()), RoutingModule],
    })
      .overrideProvider(OPEN_DATABASE)
      .useValue({ client })
      .overrideProvider(SecretBox)
      .useValue(box)
      .compile();
    return new RoutingHarness(module, client, box);
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
