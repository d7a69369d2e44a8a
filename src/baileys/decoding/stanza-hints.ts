import type { PlaceholderKind } from '../../common/inbox.js';

type Attributes = Readonly<Record<string, string | undefined>>;

/** What `<enc decrypt-fail>` said, in the attributes of a row. */
export const DECRYPT_FAIL = 'decrypt_fail';
/** What `<unavailable type>` said, in the attributes of a placeholder's row; empty where it has no type. */
export const UNAVAILABLE = 'unavailable';

/** @returns whether the stanza says that its message changes another one, so that nothing of its own is to be shown */
export function isEdit({ edit }: Attributes): boolean {
  return edit !== undefined && edit !== '' && edit !== '0';
}

/** @returns whether nothing is to be shown where its message can't be understood */
export function isHiddenWhenUnread(attrs: Attributes): boolean {
  return attrs[DECRYPT_FAIL] === 'hide' || isEdit(attrs);
}

/** @returns why there is only a placeholder */
export function placeholderKind(attrs: Attributes): PlaceholderKind {
  const unavailable = attrs[UNAVAILABLE];
  if (unavailable === undefined) {
    return 'undecrypted';
  }
  // `view_once`, `view_once_unavailable_fanout`
  return unavailable.startsWith('view_once') ? 'view_once' : 'unavailable';
}
