import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  decryptEventResponse,
  decryptPollVote,
  downloadEncryptedContent,
  getMediaKeys,
  normalizeMessageContent,
  prepareWAMessageMedia,
  type WAMessage,
  type proto,
} from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { Content } from '../../src/simulator/phones/message-content.js';
import type { SentMessage } from '../../src/simulator/phones/sent-message.js';
import { voiceNote } from '../../src/simulator/media-host/samples.js';
import type { Client } from './client.js';
import { Scenario } from './scenario.js';

const scene = new Scenario();
const CARD = { displayName: 'Bob', vcard: 'BEGIN:VCARD\nEND:VCARD' };
const PLACE = { latitude: -23.5, longitude: -46.6 };

/** A message as the client got it, within its wrappers. */
async function received(client: Client, { id }: SentMessage): Promise<proto.IMessage> {
  const find = (): WAMessage | undefined =>
    client.messages.find(({ message }) => message.key.id === id && message.message)?.message;
  const { message } = await client.until(`the message ${id}`, find);
  return normalizeMessageContent(message)!;
}

describe('phones write', () => {
  it('every kind, and an unmodified client reads it', async () => {
    const client = await scene.linked();
    const { ana, owner } = scene;
    const first = await ana.writes(owner, 'first');
    const kinds: [content: Content, field: keyof proto.IMessage][] = [
      [{ text: 'see', preview: { url: 'https://example.org', title: 'Example' } }, 'extendedTextMessage'],
      [{ text: 'yes', replyTo: first }, 'extendedTextMessage'],
      [{ image: { caption: 'look' } }, 'imageMessage'],
      [{ image: {}, viewOnce: true }, 'imageMessage'],
      [{ video: { gif: true } }, 'videoMessage'],
      [{ video: { round: true } }, 'ptvMessage'],
      [{ document: { fileName: 'a.pdf', caption: 'offer' } }, 'documentMessage'],
      [{ audio: { seconds: 2 } }, 'audioMessage'],
      [{ sticker: { animated: true } }, 'stickerMessage'],
      [{ album: { images: 2 } }, 'albumMessage'],
      [{ location: { ...PLACE, name: 'SP' } }, 'locationMessage'],
      [{ liveLocation: { ...PLACE, sequence: 2 } }, 'liveLocationMessage'],
      [{ contact: CARD }, 'contactMessage'],
      [{ contacts: [CARD, CARD] }, 'contactsArrayMessage'],
      [{ poll: { question: 'When?', options: ['a', 'b'] } }, 'pollCreationMessageV3'],
      [{ poll: { question: 'When?', options: ['a', 'b'], selectable: 0 } }, 'pollCreationMessage'],
      [{ event: { name: 'Party', place: PLACE } }, 'eventMessage'],
      [{ buttons: { text: 'Sure?', buttons: ['Yes', 'No'] } }, 'buttonsMessage'],
      [{ buttonReply: { id: '1', text: 'Yes' } }, 'buttonsResponseMessage'],
      [{ list: { text: 'Which?', button: 'Open', rows: ['a', 'b'] } }, 'listMessage'],
      [{ listReply: { id: '1', title: 'a' } }, 'listResponseMessage'],
      [{ templateReply: { id: '1', text: 'Yes' } }, 'templateButtonReplyMessage'],
      [{ flowReply: { name: 'flow', answers: { day: 'mon' } } }, 'interactiveResponseMessage'],
      [{ order: { id: '1', title: 'Cart', items: 2, amount1000: 5000, currency: 'BRL' } }, 'orderMessage'],
      [{ product: { id: '1', title: 'Soap' } }, 'productMessage'],
      [{ invite: { group: '1203@g.us', name: 'Team', code: 'abc' } }, 'groupInviteMessage'],
      [{ payment: { amount1000: 1000, currency: 'BRL' } }, 'requestPaymentMessage'],
      [{ callLog: { missed: true } }, 'callLogMesssage'],
      [{ reaction: '👍', to: first }, 'reactionMessage'],
      [{ pin: first }, 'pinInChatMessage'],
      [{ keep: first, on: false }, 'keepInChatMessage'],
      [{ edit: first, text: 'second' }, 'protocolMessage'],
      [{ edit: first, text: 'third', sealed: true }, 'secretEncryptedMessage'],
      [{ comment: 'nice', to: first }, 'encCommentMessage'],
      [{ revoke: first }, 'protocolMessage'],
    ];

    for (const [content, field] of kinds) {
      const sent = await ana.writes(owner, content);
      await sent.acknowledged();
      expect(Object.keys(await received(client, sent)), JSON.stringify(content)).toContain(field);
    }
  });

  it('files that an unmodified client can fetch and open', async () => {
    const client = await scene.linked();
    const sent = await scene.ana.writes(scene.owner, { audio: { seconds: 1 } });
    const { audioMessage } = await received(client, sent);

    const keys = await getMediaKeys(audioMessage!.mediaKey, 'audio');
    const stream = await downloadEncryptedContent(scene.sim.mediaUrl + audioMessage!.directPath!, keys);
    const plain = Buffer.concat(await stream.toArray());

    expect(plain).toEqual(voiceNote(1));
    expect(plain.subarray(0, 4).toString()).toBe('OggS');
    expect(createHash('sha256').update(plain).digest()).toEqual(Buffer.from(audioMessage!.fileSha256!));
  });

  it('replies, mentions, forwards and taps on ads', async () => {
    const client = await scene.linked();
    const { ana, owner } = scene;
    const first = await ana.writes(owner, 'first');
    const sent = await ana.writes(owner, {
      text: 'hi',
      replyTo: first,
      mentions: [owner.address('lid')],
      forwarded: 5,
      ad: { title: 'Sale', url: 'https://fb.me/1' },
    });

    const { extendedTextMessage } = await received(client, sent);

    expect(extendedTextMessage?.contextInfo).toMatchObject({
      stanzaId: first.id,
      participant: ana.address('lid'),
      quotedMessage: { conversation: 'first' },
      mentionedJid: [owner.address('lid')],
      isForwarded: true,
      forwardingScore: 127,
      externalAdReply: { title: 'Sale', sourceUrl: 'https://fb.me/1', sourceType: 'ad' },
    });
  });

  it('votes and answers that an unmodified client can open', async () => {
    const client = await scene.linked();
    const { ana, owner } = scene;
    const poll = await ana.writes(owner, { poll: { question: 'When?', options: ['a', 'b'] } });
    const event = await ana.writes(owner, { event: { name: 'Party' } });

    const vote = await received(client, await ana.writes(owner, { vote: ['b'], to: poll }));
    const answer = await received(client, await ana.writes(owner, { answer: 'maybe', to: event }));

    const lid = ana.address('lid');
    const opened = decryptPollVote(vote.pollUpdateMessage!.vote!, {
      pollCreatorJid: lid,
      pollMsgId: poll.id,
      pollEncKey: poll.secret!,
      voterJid: lid,
    });
    expect(opened.selectedOptions).toEqual([createHash('sha256').update('b').digest()]);
    const response = decryptEventResponse(answer.encEventResponseMessage!, {
      eventCreatorJid: lid,
      eventMsgId: event.id,
      eventEncKey: event.secret!,
      responderJid: lid,
    });
    expect(response.response).toBe(3);
  });

  it('to a broadcast list, and what linked clients may not see', async () => {
    const client = await scene.linked();
    const { ana, owner } = scene;
    const list = await ana.writes('1234567890@broadcast', 'to many', { recipients: [owner] });

    await list.acknowledged();
    expect((await client.message('to many')).message.key).toMatchObject({
      remoteJid: '1234567890@broadcast',
      participant: ana.address('lid'),
    });
    const once = await ana.writes(owner, { image: {}, viewOnce: true }, { unavailable: 'view_once' });
    const stub = await client.until('the placeholder', () =>
      client.messages.find(({ message }) => message.key.id === once.id),
    );
    expect(stub.message.message ?? undefined).toBeUndefined();
    expect(owner.received.at(-1)).toMatchObject({ id: once.id });
  });
});

describe('phones read', () => {
  it('files that a client uploaded', async () => {
    const client = await scene.linked();
    const file = Buffer.from('%PDF-1.4 hello');
    const media = await prepareWAMessageMedia(
      { document: file, mimetype: 'application/pdf', fileName: 'hello.pdf' },
      {
        upload: async (path, { fileEncSha256B64 }) => {
          const { hosts, auth } = await client.sock.refreshMediaConn();
          const name = Buffer.from(fileEncSha256B64, 'base64').toString('base64url');
          const url = `http://${hosts[0]!.hostname}/mms/document/${name}?auth=${auth}&token=${name}`;
          const answer = await fetch(url, { method: 'POST', body: await readFile(path) });
          const { url: mediaUrl, direct_path: directPath } = (await answer.json()) as Record<string, string>;
          return { mediaUrl: mediaUrl!, directPath: directPath! };
        },
      },
    );

    await client.sock.relayMessage(scene.ana.address('lid'), media, {});

    const message = await scene.ana.receives((each) => each.text === 'hello.pdf');
    expect(await scene.ana.opens(message)).toEqual(file);
    scene.sim.media.remove({ directPath: media.documentMessage!.directPath! });
    await expect(scene.ana.opens(message)).rejects.toThrow('the media server answers 404');
  });

  it('what is done to messages', async () => {
    const client = await scene.linked();
    const { ana } = scene;
    const chat = ana.address('lid');
    const sent = await client.sock.sendMessage(chat, { text: 'frist' });
    const key = sent!.key;

    await client.sock.sendMessage(chat, { text: 'first', edit: key });
    await client.sock.sendMessage(chat, { react: { text: '👍', key } });
    await client.sock.sendMessage(chat, { delete: key });

    const changes = [];
    await ana.receives((each) => ana.understands(each)?.kind === 'delete');
    for (const message of ana.received) {
      changes.push(ana.understands(message));
    }
    const target = key.id;
    expect(changes).toEqual([
      undefined,
      { kind: 'edit', target, isOwn: true, text: 'first' },
      { kind: 'reaction', target, isOwn: true, emoji: '👍' },
      { kind: 'delete', target, isOwn: true },
    ]);
  });

  it('requests to upload a file again, and answer them', async () => {
    const client = await scene.linked();
    const sent = await scene.ana.writes(scene.owner, { image: {} });
    const find = () => client.messages.find(({ message }) => message.key.id === sent.id)?.message;
    const message = await client.until('the picture', find);
    const { directPath } = message.message!.imageMessage!;
    scene.sim.media.expire({ directPath: directPath! });

    const updated = await client.sock.updateMediaMessage(message);

    const renewed = updated.message!.imageMessage!.directPath!;
    expect(renewed).not.toBe(directPath);
    expect((await fetch(scene.sim.mediaUrl + renewed)).status).toBe(200);
    scene.owner.fileRequests = 'refuse';
    await expect(client.sock.updateMediaMessage(message)).rejects.toThrow('Failed to re-upload media');
  });
});
