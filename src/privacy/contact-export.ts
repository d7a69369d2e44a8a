import { Injectable } from '@nestjs/common';
import { InboxDecoder, type InboxRow, type RowReader } from '../common/inbox.js';
import type { Contact } from '../repositories/contacts.repository.js';
import {
  ContactExportRepository,
  EXPORT_KINDS,
  type ExportKind,
  type ExportRow,
} from './contact-export.repository.js';

const FORMAT = 'auzap-contact-export/1';

/** Everything about a contact as one JSON document, written page by page: it is never whole in memory. */
@Injectable()
export class ContactExport {
  constructor(
    private readonly rows: ContactExportRepository,
    private readonly decoder: InboxDecoder,
  ) {}

  /**
   * @param contact whose rows
   * @param shown the contact as the document shows it
   * @returns the pieces of the document, in order
   * @throws AppError between two pieces, when the database is away or the contact is erased meanwhile: what was written
   *   until then is no JSON
   */
  async *write(contact: Contact, shown: object): AsyncGenerator<string, void, undefined> {
    const head = { success: true, format: FORMAT, exported_at: new Date().toISOString(), contact: shown };
    yield JSON.stringify(head).slice(0, -1);
    const counts: Record<string, number> = { contacts: 1 };
    for (const kind of EXPORT_KINDS) {
      counts[kind] = yield* this.writeKind(contact, kind);
    }
    yield `,"counts":${JSON.stringify(counts)}}\n`;
  }

  private async *writeKind(contact: Contact, kind: ExportKind): AsyncGenerator<string, number, undefined> {
    let count = 0;
    yield `,"${kind}":[`;
    for await (const rows of this.rows.pages(contact, kind)) {
      if (rows.length > 0) {
        const shown = kind === 'inbox' ? await this.openAll(rows) : rows;
        yield (count === 0 ? '' : ',') + shown.map((row) => JSON.stringify(row)).join(',');
        count += rows.length;
      }
    }
    yield ']';
    return count;
  }

  /** Rows of the inbox with what they say instead of their sealed bodies. */
  private async openAll(rows: readonly ExportRow[]): Promise<ExportRow[]> {
    const read = await this.decoder.readerOf(rows.map(toInboxRow));
    return rows.map((row) => open(row, read));
  }
}

function open(row: ExportRow, read: RowReader): ExportRow {
  const { body, ...shown } = row;
  if (typeof body !== 'string') {
    return { ...shown, message: null };
  }
  try {
    const { text, contentType, fromMe, sentAt, pushName } = read(toInboxRow(row));
    return {
      ...shown,
      message: {
        text,
        content_type: contentType,
        from_me: fromMe,
        sent_at: sentAt.toISOString(),
        push_name: pushName ?? null,
      },
    };
  } catch (error) {
    return { ...shown, message: null, unreadable: error instanceof Error ? error.message : 'unknown' };
  }
}

function toInboxRow(row: ExportRow): InboxRow {
  const { body } = row;
  return {
    id: String(row['id']),
    organizationId: String(row['organization_id']),
    instanceId: String(row['instance_id']),
    attrs: row['attrs'] as Record<string, string>,
    encryption: String(row['encryption']),
    hash: String(row['hash']),
    body: typeof body === 'string' ? Buffer.from(body, 'base64') : null,
    receivedAt: new Date(String(row['received_at'])),
    attempts: Number(row['attempts']),
    account: {
      phone: (row['account_phone'] as string | null) ?? undefined,
      lid: (row['account_lid'] as string | null) ?? undefined,
    },
  };
}
