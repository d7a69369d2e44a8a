import { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../common/app-error.js';
import { guardRetries, MAX_WAITING_REQUESTS } from './retry-guard.js';

const ANA = { phone: '5521988776655', lid: '77001122334455' };
const away = new AppError('database_unavailable');
function request(attrs: Record<string, string>, alsoIds: string[] = []): BinaryNode {
  const items = alsoIds.map((id) => ({ tag: 'item', attrs: { id } }));
  const content = [{ tag: 'list', attrs: {}, content: items }];
  return { tag: 'receipt', attrs: { type: 'retry', id: 'TO-ANA', ...attrs }, content };
}

/** A guarded emitter with all that happens to the requests that it gets. */
function guarded(mayHave: (receipt: BinaryNode) => Promise<boolean>) {
  const emitter = new EventEmitter({ captureRejections: true });
  const heard = vi.fn<(receipt: BinaryNode) => void>();
  const refuse = vi.fn<(receipt: BinaryNode) => void>();
  const failed = vi.fn<(error: unknown) => void>();
  const onFull = vi.fn<() => void>();
  const over = new AbortController();
  emitter.on('error', failed);
  const guard = guardRetries({ mayHave, refuse, onFull, ended: over.signal });
  const handle: (receipt: BinaryNode) => unknown = (receipt) => guard(receipt, heard);
  emitter.on('CB:receipt', handle);
  const emit = (...receipts: BinaryNode[]) =>
    receipts.forEach((receipt) => emitter.emit('CB:receipt', receipt));
  return { emit, heard, refuse, failed, onFull, over };
}

function requestsOf(count: number): BinaryNode[] {
  return Array.from({ length: count }, (_, index) => request({ from: 'ana', id: `${index}` }));
}

describe('guardRetries', () => {
  it('keeps back what is refused, and nothing but requests', async () => {
    const { emit, heard, refuse } = guarded(({ attrs }) => Promise.resolve(attrs['from'] === 'ana'));
    const [good, bad] = [request({ from: 'ana' }), request({ from: 'mallory' })];
    const read = { tag: 'receipt', attrs: { type: 'read', id: 'x', from: 'mallory' } };
    emit(bad, good, read);

    await expect.poll(() => heard.mock.calls.flat()).toEqual([read, good]);
    expect(refuse.mock.calls.flat()).toEqual([bad]);
  });

  it('leaves unanswered what nobody can decide, and asks about one at a time', async () => {
    const ofFirst = Promise.withResolvers<boolean>();
    const mayHave = vi
      .fn<(receipt: BinaryNode) => Promise<boolean>>()
      .mockReturnValueOnce(ofFirst.promise)
      .mockResolvedValueOnce(true);
    const { emit, heard, refuse, failed } = guarded(mayHave);
    const [first, second] = [request({ from: 'ana' }), request({ from: 'bob' })];
    emit(first, second);
    await expect.poll(() => mayHave).toHaveBeenCalled();

    expect(mayHave.mock.calls).toEqual([[first]]);
    ofFirst.reject(away);
    await expect.poll(() => heard.mock.calls.flat()).toEqual([second]);
    expect(refuse).not.toHaveBeenCalled();
    await expect.poll(() => failed).toHaveBeenCalledWith(away);
  });

  it('leaves unanswered what comes while as many wait as may, says so once, and then goes on', async () => {
    const isBack = Promise.withResolvers<void>();
    const mayHave = vi.fn<(receipt: BinaryNode) => Promise<boolean>>(() => isBack.promise.then(() => true));
    const { emit, heard, refuse, failed, onFull } = guarded(mayHave);
    const kept = requestsOf(MAX_WAITING_REQUESTS);
    const read = { tag: 'receipt', attrs: { type: 'read', id: 'x', from: 'ana' } };
    emit(...kept, ...requestsOf(MAX_WAITING_REQUESTS), read);
    await expect.poll(() => heard.mock.calls.flat()).toEqual([read]);

    isBack.resolve();
    await expect.poll(() => heard).toHaveBeenCalledTimes(1 + kept.length);
    expect(heard.mock.calls.flat()).toEqual([read, ...kept]);
    expect(mayHave).toHaveBeenCalledTimes(kept.length);
    expect(onFull).toHaveBeenCalledOnce();
    expect([...refuse.mock.calls, ...failed.mock.calls]).toEqual([]);

    const later = request({ from: 'ana', id: 'later' });
    emit(later);
    await expect.poll(() => heard).toHaveBeenLastCalledWith(later);
  });

  it('asks for those who ask in turn, and leaves unanswered what is too much of whoever asks most', async () => {
    const isBack = Promise.withResolvers<void>();
    const asked: string[] = [];
    const mayHave = async ({ attrs }: BinaryNode) => {
      asked.push(attrs['id']!);
      await isBack.promise;
      return true;
    };
    const { emit, heard } = guarded(mayHave);
    const bobs = request({ from: '77009999999999@lid', id: 'bob' });
    const flood = Array.from({ length: MAX_WAITING_REQUESTS }, (_, index) =>
      request({ from: `${ANA.lid}:${index % 20}@lid`, id: `${index}` }),
    );
    emit(...flood, bobs);

    isBack.resolve();
    await expect.poll(() => heard).toHaveBeenCalledTimes(MAX_WAITING_REQUESTS);
    expect(asked.slice(0, 4)).toEqual(['0', '1', 'bob', '2']);
    expect(asked).not.toContain(`${MAX_WAITING_REQUESTS - 1}`);
  });

  it('forgets what waits when the connection is over', async () => {
    const ofFirst = Promise.withResolvers<boolean>();
    const mayHave = vi.fn<(receipt: BinaryNode) => Promise<boolean>>(() => ofFirst.promise);
    const { emit, heard, refuse, over } = guarded(mayHave);
    emit(...requestsOf(3));
    await expect.poll(() => mayHave).toHaveBeenCalled();
    over.abort();
    ofFirst.resolve(false);
    await new Promise((resolve) => setImmediate(resolve));

    expect(mayHave).toHaveBeenCalledOnce();
    expect([...heard.mock.calls, ...refuse.mock.calls]).toEqual([]);
  });
});
