// Written by `npm run client`: do not edit.

/** What the client does by itself for an operation: a key with which it is sent once, and where it says whose it is. */
export interface OperationTraits {
  hasIdempotencyKey?: true;
  organization?: 'query' | 'body';
}
export const OPERATIONS: Readonly<Record<string, OperationTraits>> = {
  'get /api/admin/audit': { organization: 'query' },
  'get /api/events': { organization: 'query' },
  'get /api/events/stream': { organization: 'query' },
  'post /api/whatsapp/instances': { hasIdempotencyKey: true, organization: 'body' },
  'get /api/whatsapp/instances': { organization: 'query' },
  'post /api/whatsapp/instances/{id}/send': { hasIdempotencyKey: true },
  'post /api/contacts': { organization: 'body' },
  'get /api/contacts': { organization: 'query' },
  'get /api/contacts/{id}': { organization: 'query' },
  'patch /api/contacts/{id}': { organization: 'body' },
  'delete /api/contacts/{id}': { organization: 'query' },
  'post /api/contacts/{id}/merge': { hasIdempotencyKey: true, organization: 'body' },
  'post /api/contacts/{id}/unmerge': { organization: 'body' },
  'post /api/contacts/{id}/read': { organization: 'query' },
  'get /api/conversations': { organization: 'query' },
  'get /api/messages': { organization: 'query' },
  'get /api/bookings': { organization: 'query' },
  'post /api/bookings': { hasIdempotencyKey: true, organization: 'body' },
  'get /api/bookings/{id}': { organization: 'query' },
  'patch /api/bookings/{id}': { organization: 'body' },
  'post /api/organizations/{id}/calendar-feeds': { hasIdempotencyKey: true },
  'get /api/groups': { organization: 'query' },
  'post /api/media': { hasIdempotencyKey: true, organization: 'query' },
  'get /api/notes': { organization: 'query' },
  'post /api/contacts/{id}/notes': { hasIdempotencyKey: true, organization: 'body' },
  'get /api/notes/{id}': { organization: 'query' },
  'patch /api/notes/{id}': { organization: 'body' },
  'delete /api/notes/{id}': { organization: 'query' },
  'post /api/webhooks': { hasIdempotencyKey: true, organization: 'body' },
  'get /api/webhooks': { organization: 'query' },
  'post /api/organizations': { hasIdempotencyKey: true },
  'post /api/organizations/{id}/api-keys': { hasIdempotencyKey: true },
  'post /api/organizations/{id}/api-keys/{keyId}/rotate': { hasIdempotencyKey: true },
  'post /api/admin/api-keys': { hasIdempotencyKey: true },
  'post /api/admin/api-keys/{keyId}/rotate': { hasIdempotencyKey: true },
  'post /api/contacts/{id}/export': { organization: 'query' },
  'get /api/erasures': { organization: 'query' },
  'get /api/erasures/{id}': { organization: 'query' },
  'post /api/admin/inbox/redrive': { organization: 'body' },
  'get /api/admin/inbox/dead': { organization: 'query' },
};
