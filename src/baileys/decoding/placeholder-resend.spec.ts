import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { InboxRow } from '../../common/inbox.js';
import { SecretBox } from '../../common/secret-box.js';
import { decodeRow } from './message-decoder.js';
import { chatOfResent } from './placeholder-resend.js';

const box = new SecretBox([Buffer.alloc(32, 7)]);
const decode = (row: InboxRow) => decodeRow(row, box);
const ofOwnPhone = { id: 'P1', from: '111@lid', category: 'peer', t: '1767230000' };

function aCarrier(info: proto.IWebMessageInfo, attrs: Record<string, string> = ofOwnPhone): InboxRow {
  const webMessageInfoBytes = proto.WebMessageInfo.encode(info as proto.WebMessageInfo).finish();
  const message: proto.IMessage = {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: {
        peerDataOperationResult: [{ placeholderMessageResendResponse: { webMessageInfoBytes } }],
      },
    },
  };
  const padded = Buffer.concat([proto.Message.encode(message).finish(), Buffer.of(1)]);
  return {
    id: '1',
    organizationId: 'org_123',
    instanceId: 'instance',
    attrs,
    encryption: 'msg',
    hash: 'h',
    body: box.seal(padded, ['instance', 'inbox', 'h']),
    receivedAt: new Date('2026-03-01T12:00:00Z'),
    attempts: 0,
    account: { phone: '5511999887766', lid: '111' },
  };
}

const lead: proto.IWebMessageInfo = {
  key: { remoteJid: '222@lid', fromMe: false, id: 'AD1' },
  message: { conversation: 'saw your ad' },
  messageTimestamp: 1767225600,
  pushName: 'Ana',
};

describe('a message that the own phone sent once more', () => {
  it('is read as the message itself', () => {
    expect(decode(aCarrier(lead))).toEqual({
      isResent: true,
      messageId: 'AD1',
      sentAt: new Date('2026-01-01T00:00:00Z'),
      chatKind: 'direct',
      fromMe: false,
      isPeerTraffic: false,
      sender: { lid: '222' },
      peer: { lid: '222' },
      pushName: 'Ana',
      contentClass: 'text',
      type: 'text',
      contentType: 'conversation',
      text: 'saw your ad',
    });
  });

  it('is the owner’s where the owner wrote it', () => {
    const own = { ...lead, key: { ...lead.key!, fromMe: true } };
    expect(decode(aCarrier(own))).toMatchObject({ fromMe: true, peer: { lid: '222' } });
  });

  it('has the number that was known when it came', () => {
    const attrs = { ...ofOwnPhone, resent_other: '5511988887777@s.whatsapp.net' };
    const ana = { phone: '5511988887777', lid: '222' };
    const own = { ...lead, key: { ...lead.key!, fromMe: true } };

    expect(decode(aCarrier(lead, attrs))).toMatchObject({ sender: ana, peer: ana });
    expect(decode(aCarrier(own, attrs))).toMatchObject({ fromMe: true, peer: ana });
  });

  it('names its chat while it is received', () => {
    const carrier = box.open(aCarrier(lead).body as Buffer, ['instance', 'inbox', 'h']);

    expect(chatOfResent(carrier)).toBe('222@lid');
    expect(chatOfResent(Buffer.from('junk'))).toBeUndefined();
  });

  it('keeps its group and author', () => {
    const inGroup = {
      ...lead,
      key: { remoteJid: '1@g.us', participant: '222@lid', id: 'G1', fromMe: false },
    };
    expect(decode(aCarrier(inGroup))).toMatchObject({ chatKind: 'group', sender: { lid: '222' } });
  });

  it.each([
    ['a stranger', { id: 'P1', from: '666@lid' }],
    ['a stranger that claims to be a device', { id: 'P1', from: '666@lid', category: 'peer' }],
    ['the owner in a chat', { id: 'P1', from: '111@lid', recipient: '222@lid' }],
  ])('is not believed of %s', (_name, attrs) => {
    const message = decode(aCarrier(lead, attrs));
    expect([message.messageId, message.contentClass]).toEqual(['P1', 'protocol']);
  });

  it('stays traffic where it brings nothing', () => {
    const message = decode(aCarrier({ key: lead.key!, messageTimestamp: 1 }));
    expect([message.messageId, message.isPeerTraffic]).toEqual(['P1', true]);
  });
});
