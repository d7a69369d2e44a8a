import type { proto } from '@whiskeysockets/baileys';
import { readChange } from './message-changes.js';
import type { MessageKindName } from './message-kind.js';
import type { MessageView } from './message-target.js';
import { TRAFFIC_KINDS } from './message-traffic-kinds.js';
import { unwrapMessage } from './message-unwrap.js';
import { type MessageContent, readShown } from './shown-content.js';

const TRAFFIC_NAMES = Object.keys(TRAFFIC_KINDS) as MessageKindName[];

/**
 * What a person may have written comes first: a field of WhatsApp's own beside it can't hide it.
 * @param message a decoded message, wrapped or not
 * @param view from whose side it is read
 * @returns its content; kinds without words of their own are summed up in brackets, unknown ones named, none dropped
 */
export function readContent(message: proto.IMessage, view: MessageView): MessageContent {
  const unwrapped = unwrapMessage(message);
  const shown = readShown(unwrapped, view);
  if (shown && shown.contentClass !== 'empty') {
    return shown;
  }
  const inner = unwrapped.message;
  const unknown = Object.keys(inner).find((name) => !(name in TRAFFIC_KINDS) && name !== shown?.contentType);
  if (unknown) {
    const text = `[unsupported message] ${unknown}`;
    return { contentClass: 'other', type: 'unsupported', contentType: unknown, text };
  }
  const changed = readChange(inner, view);
  if (changed) {
    return { contentClass: 'change', type: 'unsupported', text: '', ...changed };
  }
  return (
    shown ?? trafficOf(inner) ?? { contentClass: 'empty', type: 'unsupported', contentType: 'none', text: '' }
  );
}

function trafficOf(message: proto.IMessage): MessageContent | undefined {
  const name = TRAFFIC_NAMES.find((traffic) => message[traffic] !== null && message[traffic] !== undefined);
  const kind = name && TRAFFIC_KINDS[name];
  return kind && { contentClass: kind.contentClass, type: 'unsupported', contentType: name, text: '' };
}
