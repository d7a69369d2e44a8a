import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { storableText } from './column-values.js';
import { type Message, MESSAGE_COLUMNS, type MessageRow, toMessage } from './message.js';
import { NUMBER_KEY, type Page, pageOf, type PageRequest, readCursor, rowsToFetch } from './page.js';
import { rowsOf } from './supabase-error.js';

export interface MessageFilter extends PageRequest {
  instanceId?: string | undefined;
  contactId?: string | undefined;
  direction?: 'inbound' | 'outbound' | undefined;
}

/** A message about to be sent; stored before it leaves. */
export interface NewOutbound {
  instanceId: string;
  organizationId: string;
  whatsappMessageId: string;
  /** Digits of the recipient. */
  phone: string;
  lid?: string | undefined;
  chatJid: string;
  content: string;
  contentType: string;
}

export interface OutboundResult {
  /** Id of the row. */
  messageId: string;
  status: 'sent' | 'failed' | 'unknown';
  error?: string | undefined;
}

export interface Receipt {
  instanceId: string;
  whatsappMessageId: string;
  status: 'sent' | 'delivered' | 'read';
}

/** The `messages` table. Inbound messages are stored by `InboxRepository.ingest`. */
@Injectable()
export class MessagesRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** In the order of storing, newest first. */
  async listMessages(organizationId: string, filter: MessageFilter): Promise<Page<Message>> {
    let query = this.table().select(MESSAGE_COLUMNS).eq('organization_id', organizationId);
    if (filter.instanceId !== undefined) {
      query = query.eq('instance_id', filter.instanceId);
    }
    if (filter.contactId !== undefined) {
      query = query.eq('contact_id', filter.contactId);
    }
    if (filter.direction !== undefined) {
      query = query.eq('direction', filter.direction);
    }
    if (filter.cursor !== undefined) {
      query = query.lt('ordinal', readCursor(filter.cursor, [NUMBER_KEY])[0]);
    }
    const sorted = query.order('ordinal', { ascending: false }).limit(rowsToFetch(filter));
    return pageOf(await rowsOf<MessageRow[]>(sorted), filter, toMessage, (row) => [String(row.ordinal)]);
  }

  /**
   * Stores the message as `pending`; creates the contact unless the number is the organization's own.
   * Repeating it with the same WhatsApp id gives the same row.
   */
  async beginOutbound(message: NewOutbound): Promise<{ messageId: string; contactId: string | null }> {
    const p = {
      instance_id: message.instanceId,
      organization_id: message.organizationId,
      whatsapp_message_id: message.whatsappMessageId,
      phone: message.phone,
      lid: message.lid ?? null,
      chat_jid: message.chatJid,
      content: storableText(message.content),
      content_type: message.contentType,
    };
    const row = await rowsOf<{ message_id: string; contact_id: string | null }>(
      this.client.rpc('begin_outbound', { p }),
    );
    return { messageId: row.message_id, contactId: row.contact_id };
  }

  /** Records how sending went; counts the message once, when it becomes `sent`. Never lowers a receipt. */
  async finishOutbound(result: OutboundResult): Promise<void> {
    const p = {
      message_id: result.messageId,
      status: result.status,
      error: result.error === undefined ? null : storableText(result.error),
    };
    await rowsOf(this.client.rpc('finish_outbound', { p }));
  }

  /** Raises the status of outbound messages; receipts of unknown messages are ignored. */
  async applyReceipts(receipts: Receipt[]): Promise<void> {
    if (receipts.length === 0) {
      return;
    }
    const items = receipts.map((receipt) => ({
      instance_id: receipt.instanceId,
      whatsapp_message_id: storableText(receipt.whatsappMessageId),
      status: receipt.status,
    }));
    await rowsOf(this.client.rpc('apply_receipts', { p: { items } }));
  }

  /** @returns what was sent under this id, to send it again when the recipient could not read it */
  async findOutboundContent(
    instanceId: string,
    whatsappMessageId: string,
  ): Promise<{ content: string; contentType: string } | null> {
    const rows = await rowsOf<{ content: string; content_type: string }[]>(
      this.table()
        .select('content,content_type')
        .eq('instance_id', instanceId)
        .eq('direction', 'outbound')
        .eq('whatsapp_message_id', storableText(whatsappMessageId))
        .limit(1),
    );
    return rows[0] ? { content: rows[0].content, contentType: rows[0].content_type } : null;
  }

  private table() {
    return this.client.from('messages');
  }
}
