import type { PresenceData } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { Scenario } from './scenario.js';

const scene = new Scenario();

describe('what passes beside messages', () => {
  it('tells clients what their own phone read and played', async () => {
    const client = await scene.linked();
    const { ana, owner } = scene;
    const sent = await ana.writes(owner, { audio: {} });
    await sent.acknowledged();
    const receipts: unknown[] = [];
    client.sock.ws.on('CB:receipt', ({ attrs }: { attrs: Record<string, string> }) => receipts.push(attrs));

    owner.readsItself({ id: sent.id, from: ana.number });
    owner.readsItself({ id: sent.id, from: ana.number, addressing: 'pn' }, 'read-self');
    owner.readsItself({ id: sent.id, from: ana.number }, 'played');
    await ana.writes(owner, 'last');
    await client.message('last');

    expect(receipts).toMatchObject([
      { id: sent.id, from: owner.address('lid'), recipient: ana.address('lid'), type: 'read' },
      { from: owner.address('pn'), recipient: ana.address('pn'), type: 'read-self' },
      { recipient: ana.address('lid'), type: 'played' },
    ]);
  });

  it('sends receipts of a message one by one', async () => {
    const client = await scene.linked();
    const { ana } = scene;
    ana.deliveryReceipts = false;
    const sent = await client.sock.sendMessage(ana.address('lid'), { text: 'hi' });
    const message = await ana.receives((each) => each.id === sent!.key.id);

    const types: (string | undefined)[] = [];
    client.sock.ws.on('CB:receipt', ({ attrs }: { attrs: Record<string, string> }) =>
      types.push(attrs['type']),
    );
    ana.delivers(message);
    ana.reads(message);
    ana.plays(message);

    await ana.writes(scene.owner, 'last');
    await client.message('last');
    expect(types).toEqual([undefined, 'read', 'played']);
  });

  it('shows who types, records and is online, in both directions', async () => {
    const client = await scene.linked();
    const { ana, sim } = scene;
    const chat = ana.address('lid');
    const seen: (PresenceData | undefined)[] = [];
    client.sock.ev.on('presence.update', ({ presences }) => seen.push(Object.values(presences)[0]));
    const subscribed = sim.next('client.subscribed');
    await client.sock.presenceSubscribe(chat);
    await subscribed;

    ana.shows(true);
    ana.typing(scene.owner, 'recording');
    ana.typing(scene.owner, 'paused');
    ana.shows(false, new Date('2026-01-02T03:04:05Z'));
    const typed = sim.next('client.typing');
    await client.sock.sendPresenceUpdate('recording', chat);

    expect(await typed).toMatchObject({ phone: scene.owner.number, to: chat, state: 'recording' });
    await client.until('the last word', () => seen.length >= 5);
    expect(seen.map((each) => each?.lastKnownPresence)).toEqual([
      'unavailable',
      'available',
      'recording',
      'available',
      'unavailable',
    ]);
    expect(seen.at(-1)?.lastSeen).toBe(Date.parse('2026-01-02T03:04:05Z') / 1000);
  });
});
