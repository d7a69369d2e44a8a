import { isSendFailure } from '../../src/common/send-failures.js';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { StateSnapshot } from './state-snapshot.js';
import type { Findings } from './findings.js';
import type { Reply } from './replies.js';

/** Replies on phones, by what the phone shows. */
export function arrivals(simulator: WhatsAppSimulator): Map<string, Set<string>> {
  const byText = new Map<string, Set<string>>();
  for (const { phone, text, id, decrypted } of simulator.ledger.received) {
    if (decrypted && text.startsWith('r-')) {
      const key = `${phone} ${text}`;
      byText.set(key, (byText.get(key) ?? new Set()).add(id));
    }
  }
  return byText;
}

/** Copies that a phone could not read. */
export function countUnreadable(simulator: WhatsAppSimulator, findings: Findings): void {
  for (const record of simulator.ledger.received) {
    if (!record.decrypted) {
      const { id, from, to, phone, at, error } = record;
      findings.add('unreadable replies', { id, from, to, phone, at, error });
    }
  }
}

/** Each send: one message on the phone, or an honest failure. */
export function compareReplies(
  simulator: WhatsAppSimulator,
  replies: readonly Reply[],
  { outbound }: StateSnapshot,
  findings: Findings,
): void {
  const arrived = arrivals(simulator);
  const rows = Map.groupBy(outbound, ({ content }) => content);
  for (const reply of replies) {
    const { token, linkedNumber, client, answer } = reply;
    const copies = arrived.get(`${client.phone.number} ${token}`)?.size ?? 0;
    const stored = rows.get(token) ?? [];
    const [row] = stored;
    const about = { token, instance: linkedNumber.id, client: client.phone.number, answer, copies, stored };
    findings.add('replies doubled', about, Math.max(copies, stored.length) - 1);
    if (!row) {
      // Told `unknown`, and 404 at the status URL: nothing was stored, which is an honest failure if nothing arrived.
      findings.add('replies lost', about, answer.kind === 'accepted' && answer.status === 'sent' ? 1 : 0);
      findings.add('failed, but arrived', about, copies);
    } else if (row.status === 'pending' || row.status === 'unknown') {
      findings.add('sends without an outcome', about);
    } else if (row.status === 'failed') {
      findings.add('failed, but arrived', about, copies);
      findings.add('replies lost', about, answer.kind === 'accepted' && answer.status === 'sent' ? 1 : 0);
    } else if (copies === 0) {
      findings.add('replies lost', about);
    } else if (answer.kind === 'refused' && isSendFailure(answer.code)) {
      findings.add('failed, but arrived', about);
    }
    compareRepeat(reply, stored.length, findings);
    if (answer.kind === 'refused' && answer.code === 'internal_error') {
      findings.add('internal errors', about);
    }
  }
}

/** The same key is the same send: the same message, whatever it came to. */
function compareRepeat({ answer, repeated, token }: Reply, rows: number, findings: Findings): void {
  if (answer.kind !== 'accepted' || repeated === undefined) {
    return;
  }
  const isSame = repeated.kind === 'accepted' && repeated.whatsappMessageId === answer.whatsappMessageId;
  // A send whose outcome was open when it was accepted may have failed since, and then the same key says so.
  const isHonest = repeated.kind === 'refused' && isSendFailure(repeated.code) && answer.status !== 'sent';
  if (!isSame && !isHonest) {
    findings.add('keys answered differently', { token, answer, repeated, rows });
  }
}
