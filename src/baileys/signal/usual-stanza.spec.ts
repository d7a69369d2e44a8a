import type { BinaryNode } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { readUsualStanza } from './usual-stanza.js';

const CIPHERTEXT = Buffer.from('sealed');
const ENC: BinaryNode = { tag: 'enc', attrs: { v: '2', type: 'msg' }, content: CIPHERTEXT };
const ATTRS = {
  id: '3EB0',
  from: '200000000001:7@lid',
  sender_pn: '5521988776655@s.whatsapp.net',
  addressing_mode: 'lid',
  type: 'text',
  t: '1700000000',
  notify: 'Ana',
};
const BY_NUMBER = { id: '3EB0', from: '5521988776655@s.whatsapp.net', sender_lid: '200000000001@lid' };

function stanza(
  attrs: Record<string, string | undefined> = {},
  content: BinaryNode['content'] = [ENC],
): BinaryNode {
  const all = Object.entries({ ...ATTRS, ...attrs }).filter(([, value]) => value !== undefined);
  return { tag: 'message', attrs: Object.fromEntries(all) as Record<string, string>, content };
}

const enc = (attrs: Record<string, string>): BinaryNode[] => [{ ...ENC, attrs: { ...ENC.attrs, ...attrs } }];

describe('readUsualStanza', () => {
  it('takes a stanza apart that says all that they usually say', () => {
    expect(readUsualStanza(stanza())).toEqual({
      id: '3EB0',
      from: '200000000001:7@lid',
      sender: { user: '200000000001', device: 7, kind: 'lid' },
      other: '5521988776655',
      delivery: { attrs: ATTRS, encryption: 'msg', ciphertext: CIPHERTEXT },
    });
  });

  it.each<[string, BinaryNode, object]>([
    [
      'by number',
      { tag: 'message', attrs: BY_NUMBER, content: [ENC] },
      { sender: { user: '5521988776655', device: 0, kind: 'pn' }, other: '200000000001' },
    ],
    ['with one address', stanza({ sender_pn: undefined }), { other: undefined }],
    ['without the mode', stanza({ addressing_mode: undefined }), { other: '5521988776655' }],
    ['with media', stanza({}, enc({ mediatype: 'image' })), { id: '3EB0' }],
    ['with a token for reports', stanza({}, [ENC, { tag: 'reporting', attrs: {} }]), { id: '3EB0' }],
  ])('reads one %s', (_name, node, expected) => {
    expect(readUsualStanza(node)).toMatchObject(expected);
  });

  it.each<[string, BinaryNode]>([
    ['another tag', { ...stanza(), tag: 'status' }],
    ['no id', stanza({ id: undefined })],
    ['an unknown attribute', stanza({ unheard: 'of' })],
    ['peer traffic', stanza({ category: 'peer' })],
    ['an own message', stanza({ recipient: '200000000002@lid' })],
    ['a group', stanza({ from: '1203630@g.us', participant: '200000000001@lid' })],
    ['a hosted business', stanza({ from: '200000000001:99@lid' })],
    ['a hosted number', stanza({ from: '200000000001@hosted.lid' })],
    ['an agent', stanza({ from: '200000000001_1:7@lid' })],
    ['no address', stanza({ from: 'lid' })],
    ['a number with a device', stanza({ sender_pn: '5521988776655:3@s.whatsapp.net' })],
    ['two of one kind', stanza({ sender_pn: '200000000009@lid' })],
    ['an empty address', stanza({ sender_pn: '' })],
    ['both kinds beside the sender', stanza({ sender_lid: '200000000009@lid' })],
    ['the same kind beside the sender', stanza({ sender_pn: undefined, sender_lid: '200000000009@lid' })],
    ['another mode than its address', stanza({ addressing_mode: 'pn' })],
    ['a new mode', stanza({ addressing_mode: 'username' })],
    ['no content', stanza({}, [])],
    ['content that is bytes', stanza({}, Buffer.from('x'))],
    ['a first message', stanza({}, enc({ type: 'pkmsg' }))],
    ['a copy that was asked for', stanza({}, enc({ count: '1' }))],
    ['another version', stanza({}, enc({ v: '3' }))],
    ['an unknown attribute of its content', stanza({}, enc({ 'decrypt-fail': 'hide' }))],
    ['two contents', stanza({}, [ENC, ENC])],
    ['an unknown child', stanza({}, [ENC, { tag: 'unheard', attrs: {} }])],
    [
      'a name of a business',
      stanza({}, [ENC, { tag: 'verified_name', attrs: {}, content: Buffer.from('x') }]),
    ],
    ['content that libsignal would refuse', stanza({}, [{ ...ENC, content: new Uint8Array(6) }])],
  ])('leaves %s', (_name, node) => {
    expect(readUsualStanza(node)).toBeUndefined();
  });
});
