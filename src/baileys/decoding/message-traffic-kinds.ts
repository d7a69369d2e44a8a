import type { MessageKinds } from './message-kind.js';

const nothing = (): string => '';

/**
 * Kinds that are WhatsApp's own traffic, or a change to another message that can't be understood: never shown, and nobody's
 * first contact.
 */
export const TRAFFIC_KINDS: MessageKinds = {
  reactionMessage: { contentClass: 'protocol', describe: nothing },
  encReactionMessage: { contentClass: 'protocol', describe: nothing },
  pollUpdateMessage: { contentClass: 'protocol', describe: nothing },
  protocolMessage: { contentClass: 'protocol', describe: nothing },
  keepInChatMessage: { contentClass: 'protocol', describe: nothing },
  pinInChatMessage: { contentClass: 'protocol', describe: nothing },
  stickerSyncRmrMessage: { contentClass: 'protocol', describe: nothing },
  messageHistoryBundle: { contentClass: 'protocol', describe: nothing },
  messageHistoryNotice: { contentClass: 'protocol', describe: nothing },
  statusNotificationMessage: { contentClass: 'protocol', describe: nothing },
  statusStickerInteractionMessage: { contentClass: 'protocol', describe: nothing },
  scheduledCallEditMessage: { contentClass: 'protocol', describe: nothing },
  call: { contentClass: 'protocol', describe: nothing },
  bcallMessage: { contentClass: 'protocol', describe: nothing },
  callLogMesssage: { contentClass: 'protocol', describe: nothing },
  senderKeyDistributionMessage: { contentClass: 'key_distribution', describe: nothing },
  fastRatchetKeySenderKeyDistributionMessage: { contentClass: 'key_distribution', describe: nothing },
  messageContextInfo: { contentClass: 'empty', describe: nothing },
};
