import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { DomainEventBus } from '../../common/domain-events.js';
import type { PersonAddress } from '../../common/inbox.js';
import type { Logs } from '../../logging/logs.js';
import type { MessagesRepository, Receipt } from '../../repositories/messages.repository.js';
import { MAX_COMING, ReceiptBatcher } from './receipt-batcher.js';

const ANA: PersonAddress = { phone: '5521988776655' };

function setUp() {
  const applied: Receipt[] = [];
  const applyReceipts = (receipts: Receipt[]) => {
    applied.push(...receipts);
    return Promise.resolve([]);
  };
  const logs = { component: () => pino({ level: 'silent' }) } as unknown as Logs;
  const batcher = new ReceiptBatcher(
    { applyReceipts } as unknown as MessagesRepository,
    new DomainEventBus(),
    logs,
  );
  const receipt = (id: string, instanceId = 'instance-1'): Omit<Receipt, 'chat'> => ({
    instanceId,
    whatsappMessageId: id,
    status: 'read',
  });
  return { batcher, applied, receipt };
}

describe('ReceiptBatcher', () => {
  it('asks of a bounded number of receipts of each instance at a time who sent them, and goes on afterwards', async () => {
    const { batcher, applied, receipt } = setUp();
    const isBack = Promise.withResolvers<PersonAddress>();
    const find = vi.fn<() => Promise<PersonAddress>>(() => isBack.promise);
    for (let place = 0; place <= MAX_COMING; place++) {
      batcher.add(receipt(`${place}`), find);
    }
    expect(find).toHaveBeenCalledTimes(MAX_COMING);
    batcher.add(receipt('another', 'instance-2'), find);
    expect(find).toHaveBeenCalledTimes(MAX_COMING + 1);

    isBack.resolve(ANA);
    await batcher.flush();
    batcher.add(receipt('later'), find);
    await batcher.close();

    expect(find).toHaveBeenCalledTimes(MAX_COMING + 2);
    expect(applied[0]).toEqual({ ...receipt('0'), chat: ANA });
  });

  it('applies each status of a message once, with the time that was told first', async () => {
    const { batcher, applied, receipt } = setUp();
    const said = (status: Receipt['status'], at: string) => batcher.add({ ...receipt('0'), status, at }, ANA);
    said('read', '2026-01-01T10:00:01.000Z');
    said('delivered', '2026-01-01T10:00:00.000Z');
    said('delivered', '2026-01-01T10:00:09.000Z');
    await batcher.close();

    expect(applied.map(({ status, at }) => [status, at])).toEqual([
      ['read', '2026-01-01T10:00:01.000Z'],
      ['delivered', '2026-01-01T10:00:00.000Z'],
    ]);
  });
});
