import type { Phone } from '../phones/phone.js';
import { SERVER, node, stanzaId, unixSeconds } from '../protocol/node.js';

/** The word for a message that an account may not send. */
export const RESTRICTED = 463;

/** How an account stands, as clients that ask are answered. */
export function reachoutTimelockOf({ restriction }: Phone) {
  return {
    is_active: restriction !== undefined,
    time_enforcement_ends: restriction?.until ? unixSeconds(restriction.until) : '0',
    enforcement_type: restriction?.reason ?? 'DEFAULT',
  };
}

/** Tells the clients of an account how it stands. */
export function tellReachoutTimelock(phone: Phone): void {
  const data = { xwa2_notify_account_reachout_timelock: reachoutTimelockOf(phone) };
  const attrs = { op_name: 'NotificationUserReachoutTimelockUpdate' };
  const update = node('update', attrs, Buffer.from(JSON.stringify({ data })));
  for (const { queue } of phone.devices) {
    const stanza = { type: 'mex', from: SERVER, id: stanzaId(), t: unixSeconds() };
    queue.offer({ stanza: node('notification', stanza, [update]) });
  }
}

/** Whether a restricted account may write to somebody: only to who wrote before. */
export function mayWrite(sender: Phone | undefined, to: Phone | undefined): boolean {
  return !sender?.restriction || to === sender || sender.received.some(({ from }) => from === to?.number);
}
