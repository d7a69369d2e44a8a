import type { BinaryNode } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../common/app-error.js';
import type { PersonAddress } from '../../common/inbox.js';
import { DatabaseRejectedError } from '../../repositories/database-rejected-error.js';
import type { MessagesRepository } from '../../repositories/messages.repository.js';
import { mayHaveAgain } from './resend-permission.js';
import { SessionHandle } from '../ownership/session-handle.js';
import type { OwnedSession } from '../storage/owned-session.js';
import { SessionSettings } from '../settings/session-settings.js';
import type { SessionCipher } from '../sealing/session-cipher.js';

const ANA = { phone: '5521988776655', lid: '77001122334455' };
const ME = { phone: '5511999887766', lid: '77005566778899' };
const away = new AppError('database_unavailable');
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
