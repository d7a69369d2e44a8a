import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../common/app-error.js';
import type { Logs } from '../logging/logs.js';
import type { ErasureReceipt, ErasuresRepository } from './erasures.repository.js';
import { ContactErasure, MAX_RUNNING } from './contact-erasure.js';

const PATIENCE_MS = 10;

function receiptOf(organizationId: string, contactId: string, isOver: boolean): ErasureReceipt {
  const times = {
    requestedAt: '2026-01-01T00:00:00.000Z',
    erasedAt: isOver ? '2026-01-01T00:00:01.000Z' : null,
  };
  return { id: `erasure of ${contactId}`, organizationId, contactId, ...times, counts: {} };
}

/** Erasures whose steps end when the test says so. */
function aDatabase() {
  const begun = new Set<string>();
  const steps: { contactId: string; end: (isLast: boolean) => void; fail: (error: Error) => void }[] = [];
  const erasures = {
    beginErasure: (_organizationId: string, contactId: string) => {
      begun.add(contactId);
      return Promise.resolve(undefined);
    },
    eraseStep: (organizationId: string, contactId: string) => {
      const step = Promise.withResolvers<ErasureReceipt | undefined>();
      const end = (isLast: boolean) =>
        step.resolve(isLast ? receiptOf(organizationId, contactId, true) : undefined);
      steps.push({ contactId, end, fail: step.reject });
      return step.promise;
    },
    findErasureOf: (organizationId: string, contactId: string) =>
      Promise.resolve(begun.has(contactId) ? receiptOf(organizationId, contactId, false) : null),
  } satisfies Partial<ErasuresRepository>;
  const logs = { component: () => pino({ level: 'silent' }) } as unknown as Logs;
  const erasure = new ContactErasure(erasures as unknown as ErasuresRepository, logs);
  return { erasure, erasures, steps, asked: () => steps.map(({ contactId }) => contactId) };
}

describe('ContactErasure', () => {
  it('answers with the receipt as far as it is when it takes long, and goes on once, whoever asks again', async () => {
    const { erasure, steps } = aDatabase();

    const answers = await Promise.all([1, 2].map(() => erasure.eraseWithin('org', 'c', PATIENCE_MS)));

    expect(answers).toEqual([receiptOf('org', 'c', false), receiptOf('org', 'c', false)]);
    expect(steps).toHaveLength(1);
    steps[0]!.end(false);
    await vi.waitFor(() => expect(steps).toHaveLength(2));
    const last = erasure.eraseWithin('org', 'c', 60_000);
    steps[1]!.end(true);
    expect(await last).toEqual(receiptOf('org', 'c', true));
    expect(steps).toHaveLength(2);
  });

  it('does one step of an organization at a time, and lets the others have theirs meanwhile', async () => {
    const { erasure, steps, asked } = aDatabase();
    const all = ['a1', 'a2', 'a3'].map((id) => erasure.eraseWithin('org_a', id, PATIENCE_MS));
    // Told that it is begun, also where no step of it was done yet.
    expect((await Promise.all(all)).map(({ erasedAt }) => erasedAt)).toEqual([null, null, null]);
    await erasure.eraseWithin('org_b', 'b1', PATIENCE_MS);

    expect(asked()).toEqual(['a1', 'b1']);
    steps[0]!.end(false);
    await vi.waitFor(() => expect(asked()).toEqual(['a1', 'b1', 'a2']));
  });

  it('refuses an organization that has too many under way, and no other', async () => {
    const { erasure } = aDatabase();
    const ids = Array.from({ length: MAX_RUNNING }, (_, index) => `c${index}`);
    await Promise.all(ids.map((id) => erasure.eraseWithin('org_a', id, PATIENCE_MS)));

    await expect(erasure.eraseWithin('org_a', 'one more', PATIENCE_MS)).rejects.toMatchObject({
      code: 'too_many_erasures',
    });
    expect(await erasure.eraseWithin('org_a', 'c0', PATIENCE_MS)).toMatchObject({ erasedAt: null });
    expect(await erasure.eraseWithin('org_b', 'b1', PATIENCE_MS)).toMatchObject({ erasedAt: null });
  });

  it('keeps nothing of what failed: it may be asked for again', async () => {
    const { erasure, erasures, steps } = aDatabase();
    vi.spyOn(erasures, 'beginErasure').mockRejectedValueOnce(new AppError('contact_not_found'));
    await expect(erasure.eraseWithin('org', 'c', 60_000)).rejects.toMatchObject({
      code: 'contact_not_found',
    });
    const failing = erasure.eraseWithin('org', 'c', 60_000);
    await vi.waitFor(() => expect(steps).toHaveLength(1));
    steps[0]!.fail(new AppError('database_unavailable'));
    await expect(failing).rejects.toMatchObject({ code: 'database_unavailable' });

    const again = erasure.eraseWithin('org', 'c', 60_000);
    await vi.waitFor(() => expect(steps).toHaveLength(2));
    steps[1]!.end(true);
    expect(await again).toMatchObject({ contactId: 'c', erasedAt: expect.any(String) });
  });

  it('ends between two steps when the process stops', async () => {
    const { erasure, steps } = aDatabase();
    await Promise.all(['c', 'd'].map((id) => erasure.eraseWithin('org', id, PATIENCE_MS)));
    const stopped = erasure.beforeApplicationShutdown();
    steps[0]!.end(false);
    await stopped;

    expect(steps).toHaveLength(1);
  });
});
