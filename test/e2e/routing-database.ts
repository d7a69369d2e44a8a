import type { DatabaseClient } from '../../src/supabase/supabase-client.js';
import { type DatabaseStore, openDatabase } from '../../src/supabase/open-database.js';
import { openStoreUnderTest } from '../support/store-under-test.js';
import type { Instance } from '../../src/repositories/instance.js';
import { MessagesRepository } from '../../src/repositories/messages.repository.js';

type Row = Record<string, unknown>;

/** Everything that routing may have written for an organization, oldest first; columns as in the tables. */
export interface Findings {
  contacts: Row[];
  messages: Row[];
  bookings: Row[];
  notes: Row[];
  events: Row[];
  /** Of the inbox. */
  rows: Row[];
}

/** A database of its own, and what only tests do to one. */
export interface RoutingDatabase {
  client: DatabaseClient;
  look(organizationId: string): Promise<Findings>;
  /** Stores an outbound message as sending through the API does. */
  sendThroughApi(instance: Instance, whatsappMessageId: string, phone: string): Promise<void>;
  /** Makes the database refuse messages with this content: a fault that nothing but the database can find. */
  refuseContent(content: string): Promise<void>;
  /** Ends all claims on rows of an instance, as time does. */
  expireClaims(instanceId: string): Promise<void>;
  close(): Promise<void>;
}

const ORDERS = {
  contacts: 'created_at',
  messages: 'ordinal',
  bookings: 'created_at',
  notes: 'ordinal',
  events: 'sequence',
  inbox: 'id',
};

/** @param store where; by default in memory, or behind the stand-in for a hosted project */
export async function openRoutingDatabase(store?: DatabaseStore): Promise<RoutingDatabase> {
  const database = store === undefined ? await openStoreUnderTest() : await openDatabase({ store });
  const { client } = database;
  const select = async (table: keyof typeof ORDERS, organizationId: string): Promise<Row[]> => {
    const text = `select * from public.${table} where organization_id = $1::text order by ${ORDERS[table]}`;
    return (await database.sql(text, [organizationId])).rows;
  };
  return {
    client,
    look: async (id) => ({
      contacts: await select('contacts', id),
      messages: await select('messages', id),
      bookings: await select('bookings', id),
      notes: await select('notes', id),
      events: await select('events', id),
      rows: await select('inbox', id),
    }),
    sendThroughApi: async ({ id: instanceId, organizationId }, whatsappMessageId, phone) => {
      const chatJid = `${phone}@s.whatsapp.net`;
      const message = { phone, chatJid, content: 'sent', contentType: 'conversation' };
      await new MessagesRepository(client).beginOutbound({
        instanceId,
        organizationId,
        whatsappMessageId,
        ...message,
      });
    },
    refuseContent: async (content) => {
      await database.sql(
        `alter table public.messages add constraint refused check (content <> '${content}')`,
      );
    },
    expireClaims: async (instanceId) => {
      const text = `update public.inbox set claimed_until = now() - interval '1 second' where instance_id = $1::uuid`;
      await database.sql(text, [instanceId]);
    },
    close: () => database.close(),
  };
}
