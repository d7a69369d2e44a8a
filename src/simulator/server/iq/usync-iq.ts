import { parseAddress } from '../../protocol/address.js';
import { bytesOf, child, children, node, unixSeconds } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import type { Phone } from '../../phones/phone.js';
import type { Network } from '../network.js';
import { IqError } from './iq-request.js';
import type { IqRequest } from './iq-request.js';

interface Asked {
  readonly user: BinaryNode;
  readonly jid: string | undefined;
  readonly phone: Phone | undefined;
}

type Protocol = (asked: Asked) => BinaryNode | undefined;

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  devices: ({ phone }) => devices(phone),
  lid: ({ jid, phone }) =>
    phone && !phone.hidesLid && parseAddress(jid)?.server !== 'lid'
      ? node('lid', { val: phone.address('lid') })
      : undefined,
  contact: ({ user, phone }) =>
    child(user, 'contact') ? node('contact', { type: phone ? 'in' : 'out' }) : undefined,
  status: ({ phone }) => phone && node('status', { t: unixSeconds() }, Buffer.from('Hey there!')),
  disappearing_mode: ({ phone }) => phone && node('disappearing_mode', { duration: '0', t: '0' }),
};

/** `usync`: devices, LIDs, who has WhatsApp, status texts. */
export function answerUsync({ iq, network }: IqRequest): BinaryNode[] {
  const usync = child(iq, 'usync');
  const query = child(usync, 'query');
  if (!usync || !query) {
    throw new IqError(400, 'bad-request');
  }
  const protocols = children(query).map((protocol) => protocol.tag);
  const users = children(child(usync, 'list'), 'user').map((user) => {
    const asked = lookUp(network, user);
    const answers = protocols
      .map((protocol) => PROTOCOLS[protocol]?.(asked))
      .filter((answer) => answer !== undefined);
    return node('user', { jid: asked.jid }, answers);
  });
  const result = node(
    'result',
    {},
    protocols.map((protocol) => node(protocol)),
  );
  return [node('usync', usync.attrs, [result, node('list', {}, users)])];
}

function lookUp(network: Network, user: BinaryNode): Asked {
  const asked = user.attrs['jid'];
  if (asked !== undefined) {
    return { user, jid: asked, phone: network.phoneAt(asked) };
  }
  const number = bytesOf(child(user, 'contact')).toString().replace('+', '');
  const phone = numberVariants(number)
    .map((variant) => network.phone(variant))
    .find((found) => found !== undefined);
  return { user, phone, jid: phone?.address('pn') ?? `${number}@s.whatsapp.net` };
}

/** Numbers an account may be registered under: Brazilian mobiles exist with and without the ninth digit. */
export function numberVariants(number: string): string[] {
  const brazil = /^55(\d{2})(9?)(\d{8})$/.exec(number);
  if (!brazil) {
    return [number];
  }
  const [, area = '', ninth = '', rest = ''] = brazil;
  return [number, `55${area}${ninth ? '' : '9'}${rest}`];
}

function devices(phone: Phone | undefined): BinaryNode {
  const ids = phone ? [0, ...phone.linked.keys(), ...phone.companions.keys()] : [];
  const list = ids.map((id) =>
    node('device', { id: String(id), 'key-index': id === 0 ? undefined : String(id) }),
  );
  return node('devices', {}, [node('device-list', {}, list)]);
}
