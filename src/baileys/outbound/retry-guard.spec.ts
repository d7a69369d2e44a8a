import { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { UpstreamError } from '../../common/app-error.js';
import type { PersonAddress } from '../../common/inbox.js';
import { DatabaseRejectedError } from '../../repositories/database-rejected-error.js';
import type { MessagesRepository } from '../../repositories/messages.repository.js';
import { guardRetries, MAX_WAITING_REQUESTS, mayHaveAgain } from './retry-guard.js';
import { SessionHandle } from '../ownership/session-handle.js';
import type { OwnedSession } from '../session/session-loader.js';
import { SessionSettings } from '../settings/session-settings.js';
import type { SessionCipher } from '../sealing/session-cipher.js';

const ANA = { phone: '5521988776655', lid: '77001122334455' };
const ME = { phone: '5511999887766', lid: '77005566778899' };
const away = new UpstreamError('database_unavailable', 'away');
/** What the session knows of who has which address. */
const MAPPINGS: Record<string, string> = { [`${ANA.lid}_reverse`]: ANA.phone, [ANA.phone]: ANA.lid };

function request(attrs: Record<string, string>, alsoIds: string[] = []): BinaryNode {
  const items = alsoIds.map((id) => ({ tag: 'item', attrs: { id } }));
  const content = [{ tag: 'list', attrs: {}, content: items }];
  return { tag: 'receipt', attrs: { type: 'retry', id: 'TO-ANA', ...attrs }, content };
}

function someHandle(): SessionHandle {
  const handle = new SessionHandle('instance-1', 1, {} as SessionCipher);
  handle.account = ME;
  return handle;
}

/** Somebody asks an instance that has sent TO-ANA to Ana's phone number, and nothing else. */
async function asks(
  receipt: BinaryNode,
  wereSentTo = sentToAna,
  { handle = someHandle(), giveUpMs = 60_000 } = {},
): Promise<boolean> {
  const messages = { wereSentTo } as unknown as MessagesRepository;
  const settings = new SessionSettings();
  settings.keyStore = { readTimeoutMs: 20, giveUpMs };
  const get = (_type: string, ids: string[]) =>
    Promise.resolve(Object.fromEntries(ids.map((id) => [id, MAPPINGS[id]])));
  const owned = {
    handle,
    keys: { forSocket: () => ({ get }) },
  } as unknown as OwnedSession;
  return mayHaveAgain({ messages, settings, log: pino({ level: 'silent' }) }, owned, receipt);
}

function sentToAna(_instanceId: string, ids: readonly string[], { phone }: PersonAddress): Promise<boolean> {
  return Promise.resolve(phone === ANA.phone && ids.every((id) => id === 'TO-ANA'));
}

describe('a request for a message', () => {
  it.each<[string, boolean, BinaryNode]>([
    ['the recipient', true, request({ from: `${ANA.phone}@s.whatsapp.net` })],
    ['the recipient by LID', true, request({ from: `${ANA.lid}@lid` })],
    ['another device of the recipient', true, request({ from: `${ANA.lid}:7@lid` })],
    ['another device of ours', true, request({ from: `${ME.lid}:3@lid`, recipient: `${ANA.lid}@lid` })],
    [
      'our own phone, for what is not stored',
      true,
      request({ from: `${ME.phone}@s.whatsapp.net`, id: 'PEER' }),
    ],
    ['a stranger', false, request({ from: '5541977665544@s.whatsapp.net' })],
    ['a LID of the same digits', false, request({ from: `${ANA.phone}@lid` })],
    ['the recipient, for another message, too', false, request({ from: `${ANA.lid}@lid` }, ['TO-BOB'])],
    ['a group', false, request({ from: '1203630@g.us', participant: `${ANA.lid}@lid` })],
    [
      'a stranger who names a recipient',
      false,
      request({ from: '5541977665544@s.whatsapp.net', recipient: `${ANA.lid}@lid` }),
    ],
    ['nobody', false, request({})],
  ])('of %s: %s', async (_name, isAllowed, receipt) => {
    expect(await asks(receipt)).toBe(isAllowed);
  });

  it('waits while the database is away', async () => {
    const wereSentTo = vi
      .fn<typeof sentToAna>(sentToAna)
      .mockRejectedValueOnce(away)
      .mockReturnValueOnce(new Promise(() => undefined));

    expect(await asks(request({ from: `${ANA.lid}@lid` }), wereSentTo)).toBe(true);
    expect(wereSentTo).toHaveBeenCalledTimes(3);
  });

  it('ends the session when the database stays away, so that WhatsApp says it again', async () => {
    const handle = someHandle();
    const asking = asks(request({ from: `${ANA.lid}@lid` }), () => Promise.reject(away), {
      handle,
      giveUpMs: 300,
    });

    await expect(asking).rejects.toBe(away);
    expect(handle.revoked).toBe(away);
  });

  it('is refused where the database takes the question for nonsense, and the session goes on', async () => {
    const handle = someHandle();
    const nonsense = () => Promise.reject(new DatabaseRejectedError('22P02', ''));

    expect(await asks(request({ from: `${ANA.lid}@lid` }), nonsense, { handle })).toBe(false);
    expect(handle.revoked).toBeUndefined();
  });
});

/** A guarded emitter with all that happens to the requests that it gets. */
function guarded(mayHave: (receipt: BinaryNode) => Promise<boolean>) {
  const emitter = new EventEmitter({ captureRejections: true });
  const heard = vi.fn<(receipt: BinaryNode) => void>();
  const refuse = vi.fn<(receipt: BinaryNode) => void>();
  const failed = vi.fn<(error: unknown) => void>();
  const onFull = vi.fn<() => void>();
  const over = new AbortController();
  emitter.on('error', failed);
  emitter.on('CB:receipt', heard);
  guardRetries(emitter, { mayHave, refuse, onFull, ended: over.signal });
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
