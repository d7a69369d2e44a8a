import type { PlaceholderKind } from '../../common/inbox.js';
import type { MessageContent } from './shown-content.js';
import { placeholderKind } from './stanza-hints.js';

const UNREAD = '[unreadable message] could not be read yet';
const TEXTS: Readonly<Record<PlaceholderKind, string>> = {
  view_once: '[view once] look on the phone',
  unavailable: UNREAD,
  undecrypted: UNREAD,
};

/**
 * @param attrs attributes of the row of a placeholder
 * @returns what stands in the conversation until the message can be read
 */
export function placeholderContent(attrs: Readonly<Record<string, string | undefined>>): MessageContent {
  const placeholder = placeholderKind(attrs);
  return {
    contentClass: 'undecryptable',
    type: 'unsupported',
    contentType: 'ciphertext',
    text: TEXTS[placeholder],
    metadata: { placeholder },
    ...(placeholder === 'view_once' && { isViewOnce: true }),
    placeholder,
  };
}
