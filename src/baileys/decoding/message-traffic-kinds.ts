import type { MessageKinds } from './message-kind.js';

const traffic = { contentClass: 'protocol', describe: () => '' } as const;
const keys = { contentClass: 'key_distribution', describe: () => '' } as const;

/**
 * Kinds that are WhatsApp's own traffic, or a change to another message that can't be understood: never shown, and nobody's
 * first contact.
 */
export const TRAFFIC_KINDS: MessageKinds = {
  reactionMessage: traffic,
  encReactionMessage: traffic,
  pollUpdateMessage: traffic,
  protocolMessage: traffic,
  keepInChatMessage: traffic,
  pinInChatMessage: traffic,
  encCommentMessage: traffic,
  encEventResponseMessage: traffic,
  secretEncryptedMessage: traffic,
  stickerSyncRmrMessage: traffic,
  messageHistoryBundle: traffic,
  messageHistoryNotice: traffic,
  statusNotificationMessage: traffic,
  statusStickerInteractionMessage: traffic,
  scheduledCallEditMessage: traffic,
  call: traffic,
  bcallMessage: traffic,
  senderKeyDistributionMessage: keys,
  fastRatchetKeySenderKeyDistributionMessage: keys,
  messageContextInfo: { contentClass: 'empty', describe: () => '' },
};
