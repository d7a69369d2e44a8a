import { composeBody } from './compose-body.js';
import { composeChange } from './compose-change.js';
import { composeFile, hasFile } from './compose-file.js';
import type { Body, Change, ComposedMessage, Content } from './message-content.js';
import { withContext } from './message-context.js';
import type { Perspective } from './perspective.js';

const CHANGES = ['reaction', 'revoke', 'edit', 'vote', 'answer', 'comment', 'pin', 'keep'] as const;

/** Turns a content into a protobuf message and its stanza labels; at once unless it has a file. */
export function compose(content: Content, view: Perspective): ComposedMessage | Promise<ComposedMessage> {
  if (typeof content === 'string') {
    return { type: 'text', message: { conversation: content } };
  }
  if ('raw' in content) {
    const { raw, type = 'text', ...labels } = content;
    return { ...labels, type, message: raw };
  }
  if (isChange(content)) {
    return composeChange(content, view);
  }
  if (hasFile(content)) {
    return composeFile(content, view).then((composed) => withContext(composed, content, view));
  }
  return withContext(composeBody(content, view), content, view);
}

function isChange(content: Change | Body): content is Change {
  return CHANGES.some((kind) => kind in content);
}
