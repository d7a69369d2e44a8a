import { createHash, randomUUID } from 'node:crypto';
import { BookingsRepository } from '../../src/bookings/bookings.repository.js';
import { ContactsRepository } from '../../src/repositories/contacts.repository.js';
import { EventsRepository } from '../../src/repositories/events.repository.js';
import { InboxRepository } from '../../src/repositories/inbox.repository.js';
import type { BookingPolicy, IngestItem } from '../../src/repositories/ingest-item.js';
import { InstancesRepository } from '../../src/repositories/instances.repository.js';
import { MessagesRepository } from '../../src/repositories/messages.repository.js';
import { NotesRepository } from '../../src/notes/notes.repository.js';
import { OrganizationsRepository } from '../../src/repositories/organizations.repository.js';
import type {
  AcquiredSession,
  CommitResult,
  NewInboxRow,
  SessionBatch,
} from '../../src/repositories/session-batch.js';
import { SessionStoreRepository } from '../../src/repositories/session-store.repository.js';
import type { TestDatabase } from '../support/databases.js';
import { takeOverSession } from '../support/take-over-session.js';

/** A client who wrote: addresses and what the worker made of the message. */
export interface Written {
  phone?: string;
  lid?: string;
  name?: string;
  text?: string;
  id?: string;
  at?: Date;
}

/** One organization with an instance, and short ways to receive messages. */
export class Scenario {
  readonly writer = randomUUID();
  readonly organizations: OrganizationsRepository;
  readonly instances: InstancesRepository;
  readonly store: SessionStoreRepository;
  readonly inbox: InboxRepository;
  readonly contacts: ContactsRepository;
  readonly messages: MessagesRepository;
  readonly bookings: BookingsRepository;
  readonly notes: NotesRepository;
  readonly events: EventsRepository;
  instanceId = '';
  epoch = 0;
  policy: BookingPolicy = 'one-open';
  private seq = 0;

  private constructor(
    readonly database: TestDatabase,
    readonly organizationId = `org_${randomUUID().slice(0, 8)}`,
  ) {
    const { client } = database;
    this.organizations = new OrganizationsRepository(client);
    this.instances = new InstancesRepository(client);
    this.store = new SessionStoreRepository(client);
    this.inbox = new InboxRepository(client);
    this.contacts = new ContactsRepository(client);
    this.messages = new MessagesRepository(client);
    this.bookings = new BookingsRepository(client, this.contacts);
    this.notes = new NotesRepository(client);
    this.events = new EventsRepository(client);
  }

  static async create(database: TestDatabase): Promise<Scenario> {
    const scenario = new Scenario(database);
    await scenario.organizations.ensureOrganization(scenario.organizationId);
    return scenario.takenOver('5511900000001');
  }

  async addInstance(phoneNumber: string | null = null): Promise<string> {
    const instance = await this.instances.insertInstance({
      organizationId: this.organizationId,
      instanceName: 'Main WhatsApp',
      phoneNumber,
    });
    return instance.id;
  }

  /** @returns the same organization with another of its numbers */
  async takenOver(phoneNumber: string): Promise<Scenario> {
    const other = new Scenario(this.database, this.organizationId);
    other.instanceId = await other.addInstance(phoneNumber);
    other.epoch = (await other.takeOverSession(other.instanceId, 'node-1')).epoch;
    return other;
  }

  /** Takes an instance's session over, whoever has it. */
  takeOverSession(instanceId: string, nodeId: string): Promise<AcquiredSession> {
    return takeOverSession(this.database, this.store, instanceId, nodeId);
  }

  batch(values: Partial<SessionBatch> = {}): SessionBatch {
    return {
      writer: this.writer,
      seq: this.seq + 1,
      epochs: [{ instanceId: this.instanceId, epoch: this.epoch }],
      credentials: [],
      upserts: [],
      deletes: [],
      inbox: [],
      ...values,
    };
  }

  async commit(values: Partial<SessionBatch> = {}): Promise<CommitResult> {
    const result = await this.store.commitBatch(this.batch(values));
    this.seq += 1;
    return result;
  }

  row(values: Partial<NewInboxRow> = {}): NewInboxRow {
    const messageId = values.messageId ?? randomUUID();
    return {
      instanceId: this.instanceId,
      messageId,
      chat: '5511988887777@s.whatsapp.net',
      sender: '5511988887777@s.whatsapp.net',
      hash: createHash('sha256').update(randomUUID()).digest('hex'),
      attrs: { id: messageId },
      encryption: 'msg',
      body: Buffer.from('sealed'),
      account: { phone: '5511900000001', lid: '111' },
      receivedAt: new Date('2025-10-02T12:00:00Z'),
      ...values,
    };
  }

  /** Commits one inbox row for each and returns what the worker decides about them, in order. */
  async received(...written: Written[]): Promise<IngestItem[]> {
    const rows = written.map((one) => this.row(one.id === undefined ? {} : { messageId: one.id }));
    await this.commit({ inbox: rows });
    const ids = await this.idsOf(rows.map((row) => row.hash));
    return written.map((one, index) => ({
      inboxId: ids[index]!,
      action: 'client',
      reason: 'client_message',
      person: { phone: one.phone, lid: one.lid },
      pushName: one.name,
      messageId: rows[index]!.messageId,
      content: one.text ?? 'hi',
      contentType: 'conversation',
      sentAt: one.at ?? new Date('2025-10-02T12:00:00Z'),
    }));
  }

  /** As `received`, written by the owner to the person. */
  async ownerWrote(...written: Written[]): Promise<IngestItem[]> {
    const items = await this.received(...written);
    return items.map((item) => ({ ...item, action: 'owner_note', reason: 'from_me' }) as IngestItem);
  }

  ingest(items: IngestItem[], worker = 'worker-1') {
    return this.inbox.ingest({ worker, bookingPolicy: this.policy, items });
  }

  async idsOf(hashes: string[]): Promise<string[]> {
    const { rows } = await this.database.sql(
      'select id::text as id, hash from inbox where hash in (select json_array_elements_text($1::text::json))',
      [JSON.stringify(hashes)],
    );
    return hashes.map((hash) => String(rows.find((row) => row['hash'] === hash)?.['id']));
  }

  async count(table: string): Promise<number> {
    const { rows } = await this.database.sql(
      `select count(*)::int as n from ${table} where organization_id = $1::text`,
      [this.organizationId],
    );
    return Number(rows[0]?.['n']);
  }

  /** State and reason of each inbox row, in order of arrival. */
  async states(): Promise<string[]> {
    const { rows } = await this.database.sql(
      'select state, reason from inbox where organization_id = $1::text order by id',
      [this.organizationId],
    );
    return rows.map((row) => `${String(row['state'])} ${String(row['reason'])}`);
  }

  /** The contact that has exactly this number. */
  async contactOf(phoneNumber: string) {
    const { items } = await this.contacts.searchContacts(this.organizationId, { limit: 10, phoneNumber });
    return items.find((contact) => contact.phoneNumber === phoneNumber);
  }

  async allContacts() {
    const { items } = await this.contacts.searchContacts(this.organizationId, { limit: 100 });
    return items.toReversed();
  }
}
