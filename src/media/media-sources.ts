import { type MediaSource, mediaSourceContext } from '../repositories/message-detail.js';
import type { ClaimedMedia } from '../repositories/message-media.repository.js';
import type { KeyRing } from '../secrets/key-ring.js';
import { MediaFault } from './media-fault.js';

/**
 * @returns where the file of a message is, and what opens it
 * @throws MediaFault `media_key_invalid`; AppError `database_unavailable`, `encryption_key_missing`
 */
export async function sourceOf(
  ring: KeyRing,
  { instanceId, whatsappMessageId, sealed }: ClaimedMedia,
): Promise<MediaSource> {
  const keys = sealed && (await ring.forBodies([{ instanceId, body: sealed }])).get(instanceId);
  try {
    const opened = keys!.open(sealed!, mediaSourceContext(instanceId, whatsappMessageId));
    return JSON.parse(opened.toString()) as MediaSource;
  } catch (cause) {
    // The key of the instance was shredded, or never there.
    throw new MediaFault('media_key_invalid', 'final', { cause });
  }
}
