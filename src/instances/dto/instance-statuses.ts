import type { InstanceStatus } from '../../common/instance.js';

/** Every status, for validation and documentation. */
export const INSTANCE_STATUSES = [
  'connected',
  'disconnected',
  'connecting',
  'qr_pending',
] as const satisfies InstanceStatus[];
