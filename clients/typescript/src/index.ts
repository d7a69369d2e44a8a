export { AuzapError } from './auzap-error.js';
export { type AuzapClient, createClient } from './client.js';
export type { Answer } from './calls.js';
export type { CallOptions, ClientOptions, CreateOptions, TokenSource } from './client-options.js';
export type { EventFeed, EventHandler } from './events/event-feed.js';
export type { ClientEvent, CursorStore, EventsOptions, FeedState } from './events/events-options.js';
export {
  STORED_EVENTS,
  type Activity,
  type ErrorDetail,
  type StoredEventName,
  type ToldPayload,
  type WhatsappEventName,
  type WhatsappEvents,
} from './generated/events.js';
export type { components, operations, paths } from './generated/openapi.js';
export type { IssuedWebhook } from './areas/webhooks.js';
export type { ReadBooking } from './areas/bookings.js';
export type { Page } from './pages.js';
export type * from './schemas.js';
export type { UploadOptions, UploadSource } from './uploads.js';
