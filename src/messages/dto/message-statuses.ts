import type { MessageStatus } from '../../repositories/message.js';

/** Every status, for validation and documentation. */
export const MESSAGE_STATUSES = [
  'received',
  'pending',
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'unknown',
] as const satisfies MessageStatus[];
