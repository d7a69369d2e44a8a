/** What a message is, in this product's words: the `type` of REST and events. `unsupported` is what nobody knows yet. */
export const MESSAGE_TYPES = [
  'text',
  'image',
  'video',
  'video_note',
  'gif',
  'voice',
  'audio',
  'document',
  'sticker',
  'location',
  'live_location',
  'contact',
  'poll',
  'event',
  'order',
  'product',
  'call',
  'group_invite',
  'album',
  'payment',
  'unsupported',
] as const;

/** One of `MESSAGE_TYPES`. */
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** What is known of a message beside its words: a JSON object by type, in snake_case. */
export type MessageMetadata = Readonly<Record<string, unknown>>;
