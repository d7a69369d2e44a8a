import type { components, paths } from './generated/openapi.js';

type Schemas = components['schemas'];

export type Message = Schemas['MessageResponse'];
export type SentMessage = Schemas['SentMessageResponse'];
export type NewMessage = Schemas['SendMessageDto'];
export type EarlierText = Schemas['EarlierTextResponse'];
export type Conversation = Schemas['ConversationResponse'];
export type Contact = Schemas['ContactResponse'];
export type Booking = Schemas['BookingResponse'];
export type NewBooking = Schemas['CreateBookingDto'];
export type BookingChange = Schemas['ChangeBookingDto'];
export type Note = Schemas['NoteResponse'];
export type Group = Schemas['GroupResponse'];
export type GroupDetail = Schemas['GroupDetailResponse'];
export type Instance = Schemas['InstanceResponse'];
export type CreatedInstance = Schemas['CreatedInstanceResponse'];
/** `organization_id` may be left out where the client has an `organizationId`. */
export type NewInstance = Omit<Schemas['CreateInstanceDto'], 'organization_id'> &
  Partial<Pick<Schemas['CreateInstanceDto'], 'organization_id'>>;
export type InstanceChange = Schemas['UpdateInstanceDto'];
export type InstanceStatus = Schemas['InstanceStatusAnswer'];
export type Connecting = Schemas['ConnectResponse'];
export type ConnectRequest = Schemas['ConnectInstanceDto'];
export type Upload = Schemas['UploadResponse'];
export type Webhook = Schemas['WebhookResponse'];
export type NewWebhook = Schemas['CreateWebhookDto'];
export type WebhookChange = Schemas['UpdateWebhookDto'];
export type Delivery = Schemas['DeliveryResponse'];
export type Me = Schemas['MeResponse'];

type ListPath = {
  [Path in keyof paths]: paths[Path] extends { get: { parameters: { query?: { cursor?: string } } } }
    ? Path
    : never;
}[keyof paths];

/** What a list can be asked for. */
export type QueryOf<Path extends ListPath> = NonNullable<paths[Path]['get']['parameters']['query']>;
