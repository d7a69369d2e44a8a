import { beforeEach, describe, expect, it } from 'vitest';
import type { OutboundMessage } from '../../repositories/outbound-message.js';
import { PendingSends } from './pending-sends.js';

let sends: PendingSends;
let changes: number;

beforeEach(() => {
  changes = 0;
  sends = new PendingSends(
    { maxWaiting: 2, maxUnconfirmed: 1, maxPreparing: 2, sameLineMs: 0 },
    () => (changes += 1),
  );
});

function message(ordinal: number): OutboundMessage {
  return { whatsappMessageId: `ID-${ordinal}`, ordinal, status: 'pending' } as OutboundMessage;
}

describe('PendingSends', () => {
  it('gives the message to be written next in the order of storing', () => {
    sends.take(message(2), true);
    const first = sends.take(message(1), true);

    expect(sends.next).toBe(first);
  });

  it('has one pending send for one message', () => {
    expect(sends.take(message(1), true)).toBe(sends.take(message(1), false));
  });

  it('takes no more new messages than may wait, those that are about to be stored included', () => {
    sends.take(message(1), true);
    sends.take(message(2), false);
    const giveBack = sends.reserve();

    expect(() => sends.reserve()).toThrow(expect.objectContaining({ code: 'send_queue_full' }));
    giveBack();
    expect(sends.hasPlace).toBe(true);
  });

  it('gives nothing to write while too many wait for an acknowledgement', () => {
    const first = sends.take(message(1), true);
    const second = sends.take(message(2), true);
    first.writing({});
    expect(sends.next).toBe(second);
    first.doubt();
    expect(sends.next).toBeUndefined();

    first.settle({ status: 'sent' });

    expect(sends.next).toBe(second);
    expect(sends.find('ID-1')).toBeUndefined();
    expect(changes).toBe(2);
  });

  it('is empty when nothing is on its way and nothing about to be stored', () => {
    const giveBack = sends.reserve();
    expect(sends.isEmpty).toBe(false);
    giveBack();
    expect(sends.isEmpty).toBe(true);
  });

  it('has what stayed in doubt written again, after the database was asked', () => {
    const pending = sends.take(message(1), true);
    pending.writing({});
    pending.doubt();
    expect(sends.hasRepeats).toBe(false);

    sends.repeatSilent();

    expect(sends.next).toBe(pending);
    expect(sends.hasRepeats).toBe(true);
  });
});
