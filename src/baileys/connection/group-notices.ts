import { isJidGroup } from '@whiskeysockets/baileys';
import { type GroupNotice, readGroupNotice } from '../decoding/group-notice.js';
import type { Stage } from './stanza-pipeline.js';

/**
 * Hands what was changed of groups on before the library acknowledges it.
 * @param storesGroups whether the instance keeps that, now
 * @param record settles when it is stored; rejects where it could not be: the notice is left unacknowledged, and WhatsApp repeats it
 *   on the next connection
 */
export function recordGroupNotices(
  storesGroups: () => boolean,
  record: (notice: GroupNotice) => Promise<void>,
): Stage {
  return async (stanza, next) => {
    const { type, from } = stanza.attrs;
    const isOfGroup = type === 'w:gp2' && isJidGroup(from) && storesGroups();
    const notice = isOfGroup ? readGroupNotice(stanza) : undefined;
    if (notice) {
      await record(notice);
    }
    await next(stanza);
  };
}
