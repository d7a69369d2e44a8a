import { describe, expect, it } from 'vitest';
import { Scenario } from './scenario.js';
import { textOf } from './client.js';

const scene = new Scenario();

describe('messages to the client', () => {
  it('arrive by LID with the phone number as alternative', async () => {
    const client = await scene.linked();

    const sent = await scene.ana.writes(scene.owner, 'hi', { addressing: 'lid' });
    await sent.acknowledged();

    const { message, type } = await client.message('hi');
    expect(type).toBe('notify');
    expect(message.pushName).toBe('Ana');
    expect(message.key).toMatchObject({
      id: sent.id,
      fromMe: false,
      remoteJid: scene.ana.address('lid'),
      remoteJidAlt: scene.ana.address('pn'),
    });
  });

  it('arrive by phone number with the LID as alternative', async () => {
    const client = await scene.linked();

    await scene.ana.writes(scene.owner, 'hi', { addressing: 'pn' });

    const { message } = await client.message('hi');
    expect(message.key).toMatchObject({
      remoteJid: scene.ana.address('pn'),
      remoteJidAlt: scene.ana.address('lid'),
    });
  });

  it('may leave out the alternative address, and come from a companion', async () => {
    const client = await scene.linked();

    await scene.ana.writes(scene.owner, 'bare', { addressing: 'pn', withoutAlternative: true });
    await scene.bruno.writes(scene.owner, 'from his desk', { fromDevice: 2 });

    expect((await client.message('bare')).message.key.remoteJidAlt).toBeUndefined();
    await client.message('from his desk');
    await client.sock.sendMessage(scene.bruno.address('lid'), { text: 'reply' });
    await scene.bruno.receives((m) => m.text === 'reply');
    expect(
      scene.sim.ledger.received.filter((r) => r.phone === scene.bruno.number).map((r) => r.decrypted),
    ).toEqual([true, true]);
  });

  it.each(['lid', 'pn'] as const)('are synced when written on the own phone (%s)', async (addressing) => {
    const client = await scene.linked();

    const sent = await scene.owner.writes(scene.ana, 'typed on the phone', { addressing });
    await sent.acknowledged();

    const { message } = await client.message('typed on the phone');
    expect(message.key).toMatchObject({ fromMe: true, remoteJid: scene.ana.address(addressing) });
    expect(scene.ana.received.map((m) => m.text)).toEqual(['typed on the phone']);
  });

  it('notes to self arrive in the own chat', async () => {
    const client = await scene.linked();

    const sent = await scene.owner.notesToSelf('milk');
    await sent.acknowledged();

    const { message } = await client.message('milk');
    expect(message.key).toMatchObject({ fromMe: true, remoteJid: scene.owner.address('lid') });
  });

  it('keep the order of their author', async () => {
    const client = await scene.linked();
    const texts = Array.from({ length: 50 }, (_, i) => `n${i}`);

    await Promise.all(texts.map((text) => scene.ana.writes(scene.owner, text)));

    await client.message('n49');
    expect(client.messages.map(({ message }) => textOf(message)).filter(Boolean)).toEqual(texts);
  });

  it('of all kinds are understood', async () => {
    const client = await scene.linked();
    const first = await scene.ana.writes(scene.owner, 'first');
    const contents = [
      { text: 'extended', replyTo: first },
      { image: { caption: 'look' } },
      { document: { fileName: 'a.pdf' } },
      { audio: { seconds: 2 } },
      { sticker: true as const },
      { location: { latitude: -23.5, longitude: -46.6, name: 'SP' } },
      { contact: { displayName: 'Bob', vcard: 'BEGIN:VCARD\nEND:VCARD' } },
      { reaction: '👍', to: first },
      { edit: first, text: 'second' },
      { revoke: first },
      {
        raw: {
          pollCreationMessage: { name: 'Q', options: [{ optionName: 'A' }], selectableOptionsCount: 1 },
        },
        type: 'poll',
      },
    ];

    for (const content of contents) {
      await (await scene.ana.writes(scene.owner, content)).acknowledged();
    }
    await (await scene.ana.writes(scene.owner, 'last')).acknowledged();
    await client.message('last');

    const kinds = client.messages.flatMap(({ message }) => Object.keys(message.message ?? {}));
    for (const kind of [
      'extendedTextMessage',
      'imageMessage',
      'documentMessage',
      'audioMessage',
      'stickerMessage',
      'locationMessage',
      'contactMessage',
      'reactionMessage',
      'protocolMessage',
      'pollCreationMessage',
    ]) {
      expect(kinds).toContain(kind);
    }
    expect(client.messages.some(({ message }) => message.messageStubType === 2)).toBe(false);
    expect(client.updates.filter(({ key }) => key.id === first.id)).not.toEqual([]);
  });

  it('in groups, status and channels arrive there', async () => {
    const client = await scene.linked();
    const group = scene.sim.addGroup('Family', [scene.owner, scene.ana]);

    await (await scene.ana.writes(group.id, 'to all')).acknowledged();
    await (await scene.ana.writes('status@broadcast', 'my day')).acknowledged();
    await (await scene.ana.writes('120363000000000001@newsletter', 'news')).acknowledged();

    expect((await client.message('to all')).message.key).toMatchObject({
      remoteJid: group.id,
      participant: scene.ana.address('lid'),
    });
    expect((await client.message('my day')).message.key.remoteJid).toBe('status@broadcast');
    expect((await client.message('news')).message.key.remoteJid).toBe('120363000000000001@newsletter');
    expect((await client.sock.groupMetadata(group.id)).subject).toBe('Family');
  });

  it('of two authors may share an id', async () => {
    const client = await scene.linked();

    const one = await scene.ana.writes(scene.owner, 'from ana', { id: 'SAME' });
    const two = await scene.bruno.writes(scene.owner, 'from bruno', { id: 'SAME' });

    await Promise.all([one.acknowledged(), two.acknowledged()]);
    await client.message('from ana');
    await client.message('from bruno');
    expect(scene.sim.ledger.find(scene.ana.number, 'SAME')?.text).toBe('from ana');
    expect(scene.sim.ledger.find(scene.bruno.number, 'SAME')?.isAcknowledged).toBe(true);
  });
});

describe('messages of the client', () => {
  it.each(['lid', 'pn'] as const)(
    'decrypt on the phone (%s), which confirms and reads them',
    async (addressing) => {
      const client = await scene.linked();
      await scene.ana.writes(scene.owner, 'question');
      await client.message('question');

      const sent = await client.sock.sendMessage(scene.ana.address(addressing), { text: 'answer' });
      const got = await scene.ana.receives((m) => m.text === 'answer');

      expect(got).toMatchObject({ id: sent?.key.id, from: scene.owner.number, addressing, fromMe: false });
      await client.until('delivery', () =>
        client.updates.find((u) => u.key.id === got.id && u.update.status === 3),
      );
      scene.ana.reads(got);
      await client.until('read', () =>
        client.updates.find((u) => u.key.id === got.id && u.update.status === 4),
      );
      const copy = await scene.owner.receives((m) => m.id === got.id);
      expect(copy).toMatchObject({ fromMe: true, chat: scene.ana.number, text: 'answer' });
      expect(scene.sim.ledger.counters.retryRequestsFromPhones).toBe(0);
    },
  );

  it('start a chat with a number never heard of', async () => {
    const client = await scene.linked();

    expect(await client.sock.onWhatsApp('551188887777', '5511988887777', '5511900000000')).toEqual([
      { jid: scene.ana.address('pn'), exists: true },
      { jid: scene.ana.address('pn'), exists: true },
    ]);
    await client.sock.sendMessage(scene.ana.address('pn'), { text: 'hello' });

    await scene.ana.receives((m) => m.text === 'hello');
  });

  it('are read by the client, which tells the author', async () => {
    const client = await scene.linked();
    const sent = await scene.ana.writes(scene.owner, 'read me');
    const { message } = await client.message('read me');
    const receipt = scene.sim.next('receipt', ({ type }) => type === 'read');

    await client.sock.readMessages([message.key]);

    expect((await receipt).ids).toEqual([sent.id]);
    expect(sent.receipts.at(-1)).toMatchObject({ type: 'read' });
  });

  it('reach another linked client', async () => {
    const client = await scene.linked();
    const other = await scene.linked(scene.ana);

    await client.sock.sendMessage(scene.ana.address('lid'), { text: 'hello there' });
    await other.message('hello there');
    await other.sock.sendMessage(scene.owner.address('lid'), { text: 'hello back' });
    await client.message('hello back');
    expect((await scene.owner.receives((m) => m.text === 'hello back')).from).toBe(scene.ana.number);
  });

  it('reach the members of a group', async () => {
    const client = await scene.linked();
    const other = await scene.linked(scene.bruno);
    const group = scene.sim.addGroup('Family', [scene.owner, scene.ana, scene.bruno]);

    await client.sock.sendMessage(group.id, { text: 'first for all' });
    await client.sock.sendMessage(group.id, { text: 'second for all' });

    const got = await scene.ana.receives((m) => m.text === 'second for all');
    expect(got).toMatchObject({ chat: group.id, from: scene.owner.number, encryption: 'skmsg' });
    expect(scene.ana.received.map(({ text }) => text)).toEqual(['first for all', 'second for all']);
    expect((await other.message('second for all')).message.key.participant).toContain(scene.owner.lid);
  });

  it.each([463, 479])('are refused on demand with %i', async (code) => {
    const client = await scene.linked();
    scene.sim.faults.refuseMessages(scene.owner, code);

    const sent = await client.sock.sendMessage(scene.ana.address('lid'), { text: 'spam' });

    const update = await client.until('the refusal', () =>
      client.updates.find((u) => u.key.id === sent?.key.id),
    );
    expect(update.update).toMatchObject({ status: 0 });
    expect(update.update.messageStubParameters?.[0]).toBe(String(code));
    expect(scene.ana.received).toEqual([]);
  });

  it('leave no query unknown', async () => {
    const client = await scene.linked();
    await client.sock.sendMessage(scene.ana.address('pn'), { text: 'hello' });
    await scene.ana.receives((m) => m.text === 'hello');
    await client.sock.fetchBlocklist();
    await client.sock.fetchPrivacySettings(true);
    await client.sock.fetchStatus(scene.ana.address('pn'));
    await client.sock.fetchAccountReachoutTimelock();
    await client.sock.profilePictureUrl(scene.ana.address('pn')).catch(() => undefined);
    await client.sock.updateBlockStatus(scene.ana.address('pn'), 'block');
    await client.sock.groupFetchAllParticipating();

    expect([...scene.sim.unknownQueries]).toEqual([]);
  });
});
