import { pino } from 'pino';
import { expect, it } from 'vitest';
import { DomainEventBus } from '../../common/domain-events.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import { FileAnswers } from './file-answers.js';

const CHAT = '222@lid';
const handle = { instanceId: 'instance', account: { phone: '5511999887766', lid: '111' } } as SessionHandle;

/** @returns which of the files that a phone was asked for count as refused after a refusal from there */
async function refusedBy(from: string, chats: string[]): Promise<string[]> {
  const refused: string[] = [];
  const media = {
    listAsked: () =>
      Promise.resolve(
        chats.map((chatJid) => ({ messageId: `in ${chatJid}`, chatJid, sealed: Buffer.alloc(0) })),
      ),
    answer: (messageId: string) => {
      refused.push(messageId);
      return Promise.resolve([]);
    },
  };
  const answers = new FileAnswers(media, new DomainEventBus(), pino({ level: 'silent' }));
  await answers.add(handle, { from, messageId: 'M', chatJid: CHAT });
  return refused;
}

it.each<[who: string, from: string, refused: string[]]>([
  ['the account by its number', '5511999887766@s.whatsapp.net', [`in ${CHAT}`]],
  ['a device of the account', '111:0@lid', [`in ${CHAT}`]],
  ['the client', CHAT, []],
  ['a stranger', '5521988776655@s.whatsapp.net', []],
  ['a number with the digits of the account', '111@s.whatsapp.net', []],
  ['nobody', 's.whatsapp.net', []],
])('a refusal of %s counts only where it is the own phone', async (_who, from, refused) => {
  expect(await refusedBy(from, [CHAT])).toEqual(refused);
});

it('a refusal counts in its chat alone', async () => {
  expect(await refusedBy('111@lid', ['333@lid', CHAT])).toEqual([`in ${CHAT}`]);
});
