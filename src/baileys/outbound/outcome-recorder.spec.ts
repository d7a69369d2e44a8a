import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../common/app-error.js';
import { DomainEventBus } from '../../common/domain-events.js';
import type { PersonAddress } from '../../common/inbox.js';
import type { Logs } from '../../logging/logs.js';
import type { MessagesRepository, Receipt } from '../../repositories/messages.repository.js';
import type { OutboundMessage, OutboundResult } from '../../repositories/outbound-message.js';
import { OutcomeRecorder } from './outcome-recorder.js';
import type { ReceiptBatcher } from './receipt-batcher.js';
import { SessionSettings } from '../settings/session-settings.js';

const MESSAGE: OutboundMessage = {
  messageId: 'row-1',
  contactId: null,
  organizationId: 'clinic',
  request: null,
  payload: null,
  instanceId: 'instance-1',
  ordinal: 1,
  whatsappMessageId: '3EB0',
  chatJid: '1@lid',
  content: 'x',
  contentType: 'text',
  status: 'pending',
  error: null,
  unchangedMs: 0,
  requestHash: null,
};

/** A recorder over a database that fails so many times. */
function setUp(failures: number) {
  const stored: OutboundResult[] = [];
  const receipts: Receipt[] = [];
  let left = failures;
  const messages = {
    finishOutbound: (result: OutboundResult) => {
      left -= 1;
      if (left >= 0) {
        return Promise.reject(new AppError('database_unavailable'));
      }
      stored.push(result);
      return Promise.resolve([]);
    },
  } as unknown as MessagesRepository;
  const batcher = {
    add: (receipt: Omit<Receipt, 'chat'>, chat: PersonAddress) => void receipts.push({ ...receipt, chat }),
  } as unknown as ReceiptBatcher;
  const settings = new SessionSettings();
  settings.outbound.pauseMs = 1;
  const log = pino({ level: 'silent' });
  const recorder = new OutcomeRecorder(messages, batcher, settings, new DomainEventBus(), {
    component: () => log,
  } as unknown as Logs);
  return { recorder, stored, receipts };
}

describe('OutcomeRecorder', () => {
  it('stores how it went', async () => {
    const { recorder, stored } = setUp(0);

    expect(await recorder.record(MESSAGE, { status: 'failed', reason: 'send_failed' })).toEqual({
      status: 'failed',
      reason: 'send_failed',
    });
    expect(stored).toEqual([{ messageId: 'row-1', status: 'failed', error: 'send_failed' }]);
  });

  it('calls sent what was sent, and leaves storing it to the receipts, when the database is away', async () => {
    const { recorder, receipts } = setUp(Infinity);

    expect(await recorder.record(MESSAGE, { status: 'sent' })).toEqual({ status: 'sent' });
    expect(receipts).toEqual([
      { instanceId: 'instance-1', whatsappMessageId: '3EB0', status: 'sent', chat: { lid: '1' } },
    ]);
  });

  it('calls a message failed only once that is stored', async () => {
    const { recorder, stored } = setUp(3);

    expect((await recorder.record(MESSAGE, { status: 'failed', reason: 'send_failed' })).status).toBe(
      'failed',
    );
    expect(stored).toHaveLength(1);
  });

  it('calls it unknown when the process stops before that', async () => {
    const { recorder } = setUp(Infinity);
    recorder.close();

    expect(await recorder.record(MESSAGE, { status: 'failed', reason: 'send_failed' })).toEqual({
      status: 'unknown',
    });
  });
});
