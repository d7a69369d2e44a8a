import { child, children, node } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import { reachoutTimelockOf } from '../account-restriction.js';
import { IqError } from './iq-request.js';
import type { IqRequest } from './iq-request.js';

const QUOTA = {
  total_quota: 1000,
  used_quota: 0,
  cycle_start_timestamp: '0',
  cycle_end_timestamp: '0',
};

/** `abt`: server settings; none are needed. */
export function answerProps(): BinaryNode[] {
  return [node('props', { protocol: '1', hash: 'sim', ab_key: 'sim', refresh: '86400' })];
}

/** `blocklist`: the list, and blocking or unblocking. */
export function answerBlocklist({ iq, phone }: IqRequest): BinaryNode[] {
  for (const item of children(iq, 'item')) {
    const jid = item.attrs['jid'] ?? '';
    if (item.attrs['action'] === 'block') {
      phone.blocked.add(jid);
    } else {
      phone.blocked.delete(jid);
    }
  }
  return [
    node(
      'list',
      {},
      [...phone.blocked].map((jid) => node('item', { jid })),
    ),
  ];
}

/** `privacy`: settings, and the tokens a client issues to its contacts. */
export function answerPrivacy({ iq, phone }: IqRequest): BinaryNode[] | undefined {
  if (child(iq, 'tokens')) {
    return undefined;
  }
  for (const { attrs } of children(child(iq, 'privacy'), 'category')) {
    if (attrs['name'] !== undefined && attrs['value'] !== undefined) {
      phone.privacy.set(attrs['name'], attrs['value']);
    }
  }
  const categories = [...phone.privacy].map(([name, value]) => node('category', { name, value }));
  return [node('privacy', {}, categories)];
}

/** `w:m`: where media go, and the token to upload them with. */
export function answerMedia({ network }: IqRequest): BinaryNode[] {
  const attrs = { auth: network.media.authToken, ttl: '3600', auth_ttl: '3600', max_buckets: '12' };
  return [node('media_conn', attrs, [node('host', { hostname: network.mediaHost, type: 'primary' })])];
}

/** `w:profile:picture`: no account has one. */
export function answerPicture(): never {
  throw new IqError(404, 'item-not-found');
}

/** `w:mex`: what the account may not do. */
export function answerMex({ phone }: IqRequest): BinaryNode[] {
  const data = {
    xwa2_fetch_account_reachout_timelock: reachoutTimelockOf(phone),
    xwa2_message_capping_info: QUOTA,
  };
  return [node('result', {}, Buffer.from(JSON.stringify({ data })))];
}

/** `w:g2`: metadata of known groups, and the list of those one is in. */
export function answerGroups({ iq, network, phone }: IqRequest): BinaryNode[] | undefined {
  const to = iq.attrs['to'] ?? '';
  if (child(iq, 'participating')) {
    const own = [...network.groups.values()].filter((group) => group.members.includes(phone));
    return [
      node(
        'groups',
        {},
        own.map((group) => group.toNode()),
      ),
    ];
  }
  if (child(iq, 'query')) {
    const group = network.groups.get(to);
    if (!group) {
      throw new IqError(404, 'item-not-found');
    }
    return [group.toNode()];
  }
  throw new IqError(501, 'feature-not-implemented');
}
