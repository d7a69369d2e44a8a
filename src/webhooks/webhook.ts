export const PAUSE_REASONS = ['by_request', 'failing', 'gone', 'organization_closed'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** Where events of an organization are sent. */
export interface Webhook {
  id: string;
  organizationId: string;
  url: string;
  /** Empty: all. */
  eventNames: string[];
  /** Null: events of all instances. */
  instanceId: string | null;
  description: string;
  isActive: boolean;
  pausedAt: string | null;
  pauseReason: PauseReason | null;
  /** Since when no delivery came through. */
  failingSince: string | null;
  lastSequence: number;
  /** What is being delivered once more. */
  redrive: { after: number; until: number } | null;
  formerSecretExpiresAt: string | null;
  createdAt: string;
  updatedAt: string;
}
