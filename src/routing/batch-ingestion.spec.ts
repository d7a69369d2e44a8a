import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../common/app-error.js';
import { DomainEventBus } from '../common/domain-events.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import type { AppConfig } from '../config/app-config.js';
import type { Logs } from '../logging/logs.js';
import { DatabaseRejectedError } from '../repositories/database-rejected-error.js';
import { DatabaseUnavailableError } from '../repositories/database-unavailable-error.js';
import type { InboxRepository } from '../repositories/inbox.repository.js';
import type { IngestItem } from '../repositories/ingest-item.js';
import { BatchIngestion } from './batch-ingestion.js';

function items(count: number): IngestItem[] {
  return Array.from({ length: count }, (_, index) => ({
    inboxId: `${index}`,
    action: 'skip',
    reason: 'group',
  }));
}

/** A database that refuses every call with one of the refused rows in it. */
function aDatabase(refused: string[], fault: unknown) {
  const closed: string[] = [];
  const dead: string[] = [];
  const ingest = vi.fn<InboxRepository['ingest']>(async ({ items: given }) => {
    if (given.some((item) => item.action !== 'dead' && refused.includes(item.inboxId))) {
      throw fault;
    }
    for (const item of given) {
      (item.action === 'dead' ? dead : closed).push(item.inboxId);
    }
    const events = given.map((item) => ({ sequence: Number(item.inboxId) }) as OutgoingEvent);
    return { events, processed: given.length };
  });
  const bus = new DomainEventBus();
  const announced: number[] = [];
  bus.on('events.committed', (events) => announced.push(...events.map((event) => event.sequence)));
  const logs = { component: () => pino({ level: 'silent' }) } as unknown as Logs;
  const config = { bookingPolicy: 'one-open' } as AppConfig;
  const renewClaims = vi.fn<InboxRepository['renewClaims']>();
  const inbox = { ingest, renewClaims } as unknown as InboxRepository;
  const ingestion = new BatchIngestion(inbox, bus, config, logs);
  return { ingestion, ingest, renewClaims, bus, closed, dead, announced };
}

const refusal = new DatabaseRejectedError('22P05', 'unsupported Unicode escape sequence');

describe('BatchIngestion', () => {
  it('writes everything in one call and announces its events in order', async () => {
    const { ingestion, ingest, announced } = aDatabase([], refusal);

    await expect(ingestion.ingest('w', items(200))).resolves.toBe(200);

    expect(ingest).toHaveBeenCalledOnce();
    expect(announced).toEqual(items(200).map((_, index) => index));
  });

  it.each([[['0']], [['199']], [['57']], [['3', '4', '150']]])(
    'finds the culprits %j among 200 and stores the rest',
    async (refused) => {
      const { ingestion, ingest, closed, dead, announced } = aDatabase(refused, refusal);

      await expect(ingestion.ingest('w', items(200))).resolves.toBe(200);

      expect(dead).toEqual(refused);
      expect(closed).toHaveLength(200 - refused.length);
      expect(announced).toEqual(announced.toSorted((one, other) => one - other));
      expect(ingest.mock.calls.length).toBeLessThan(20 * refused.length);
    },
  );

  it.each([
    ['a database that is away', new AppError('database_unavailable')],
    ['a missing function', new DatabaseRejectedError('42883', 'function does not exist')],
    ['a missing permission', new DatabaseRejectedError('42501', 'permission denied')],
    ['a key that is refused', new DatabaseUnavailableError({ httpStatus: 401, answerCode: '' })],
    ['a gateway that refuses once', new DatabaseUnavailableError({ httpStatus: 403, answerCode: '' })],
    ['a defect of our own', new TypeError('oops')],
  ])('costs no message its place for %s', async (_name, fault) => {
    const { ingestion, ingest, closed, dead } = aDatabase(['1'], fault);

    await expect(ingestion.ingest('w', items(4))).rejects.toBe(fault);

    expect(ingest).toHaveBeenCalledOnce();
    expect([closed, dead]).toEqual([[], []]);
  });

  it.each([403, 413])('sets aside what a gateway refuses with %i again and again', async (httpStatus) => {
    const fault = new DatabaseUnavailableError({ httpStatus, answerCode: '' });
    const { ingestion, ingest, closed, dead } = aDatabase(['57'], fault);

    await expect(ingestion.ingest('w', items(200))).rejects.toBe(fault);
    await ingestion.ingest('w', items(5));
    await expect(ingestion.ingest('w', items(100))).rejects.toBe(fault);
    await ingestion.ingest('w', items(5));
    await expect(ingestion.ingest('w', items(200))).resolves.toBe(200);

    expect([dead, closed.length]).toEqual([['57'], 199 + 10]);
    expect(ingest.mock.calls.at(-1)?.[0].items).not.toContainEqual(
      expect.objectContaining({ action: 'dead' }),
    );
    const [asDead] = ingest.mock.calls
      .flatMap(([call]) => call.items)
      .filter(({ action }) => action === 'dead');
    expect(asDead).toEqual({ inboxId: '57', action: 'dead', reason: 'refused_by_gateway' });
  });

  it('sets nothing aside where a gateway refuses everything', async () => {
    const fault = new DatabaseUnavailableError({ httpStatus: 403, answerCode: '' });
    const { ingestion, ingest, renewClaims, dead } = aDatabase([], fault);
    ingest.mockRejectedValue(fault);
    renewClaims.mockRejectedValue(fault);
    for (let pass = 0; pass < 5; pass++) {
      await expect(ingestion.ingest('w', items(2))).rejects.toBe(fault);
    }

    expect(dead).toEqual([]);
  });

  it.each([1, 2])(
    'sets nothing aside of %i where refusals end just before the last of them',
    async (count) => {
      const fault = new DatabaseUnavailableError({ httpStatus: 403, answerCode: '' });
      const { ingestion, ingest, renewClaims, closed, dead } = aDatabase([], fault);
      const work = ingest.getMockImplementation()!;
      // Over when anything but the message itself is sent.
      ingest.mockImplementation((request) =>
        request.items.every(({ action }) => action !== 'dead') && dead.length + closed.length === 0
          ? Promise.reject(fault)
          : work(request),
      );
      for (let pass = 0; pass < 2; pass++) {
        await expect(ingestion.ingest('w', items(count))).rejects.toBe(fault);
      }
      renewClaims.mockImplementation(() => {
        ingest.mockImplementation(work);
        return Promise.resolve();
      });

      await expect(ingestion.ingest('w', items(count))).resolves.toBe(count);

      expect([closed.length, dead]).toEqual([count, []]);
    },
  );

  it('sets nothing aside where a gateway refuses now and then', async () => {
    const fault = new DatabaseUnavailableError({ httpStatus: 403, answerCode: '' });
    const { ingestion, ingest, dead } = aDatabase([], fault);
    [1, 2, 3, 4, 5].forEach(() => ingest.mockRejectedValueOnce(fault));
    await expect(ingestion.ingest('w', items(1))).rejects.toBe(fault);
    await expect(ingestion.ingest('w', items(1))).rejects.toBe(fault);

    await ingestion.ingest('w', items(2));

    expect(dead).toEqual([]);
  });

  it('gives up when a row can not even be closed', async () => {
    const { ingestion, ingest } = aDatabase([], refusal);
    ingest.mockRejectedValue(refusal);

    await expect(ingestion.ingest('w', items(1))).rejects.toBe(refusal);

    expect(ingest).toHaveBeenCalledTimes(2);
  });

  it('does not take a failing listener for a failed batch', async () => {
    const { ingestion, bus } = aDatabase([], refusal);
    bus.prependListener('events.committed', () => {
      throw new Error('listener');
    });

    await expect(ingestion.ingest('w', items(2))).resolves.toBe(2);
  });
});
