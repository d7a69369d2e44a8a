import { ApiExtraModels, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { OUTGOING_MEDIA_TYPES } from '../../common/outgoing-content.js';
import { IsOneOf, IsRecipient, IsText, IsUuid, OptionalField } from '../../http/field-rules.js';
import { OUTGOING_LIMITS } from '../outgoing-limits.js';
import {
  IsContacts,
  IsFlag,
  IsLocation,
  IsMediaSource,
  IsMentions,
  IsPoll,
  IsReaction,
} from './outgoing-rules.js';
import { ContactInput, LocationInput, MediaSource, PollInput, ReactionInput } from './send-parts.dto.js';

/** The digits of a number and the longest server. */
const MAX_RECIPIENT_LENGTH = 30;

/** What `type` may say. */
export const SEND_TYPES = [
  'text',
  ...OUTGOING_MEDIA_TYPES,
  'location',
  'contact',
  'poll',
  'reaction',
] as const;
export type SendType = (typeof SEND_TYPES)[number];

/** Body of `POST /api/whatsapp/instances/:id/send`. */
@ApiExtraModels(ContactInput)
export class SendMessageDto {
  @ApiPropertyOptional({
    type: String,
    example: '5511999887766',
    maxLength: MAX_RECIPIENT_LENGTH,
    description:
      'Required but for reactions. Phone number with country code, digits only; `…@s.whatsapp.net` and `…@c.us` are taken too, and `…@lid` for a client whose number WhatsApp does not tell, as in `from` of `whatsapp:message`. A new number is asked of WhatsApp, also where no numbering plan has it. Groups (`…@g.us`), channels, broadcast lists and status updates are not supported.',
  })
  @OptionalField()
  @IsRecipient()
  to?: string;

  @ApiPropertyOptional({
    type: String,
    example: 'Hello from AuZap!',
    minLength: 1,
    maxLength: OUTGOING_LIMITS.text,
    description:
      'The text, required where nothing else is sent. Counted in characters, whatever they take in bytes or as escapes.',
  })
  @OptionalField()
  @IsText({ max: OUTGOING_LIMITS.text, isMultiline: true })
  message?: string;

  @ApiPropertyOptional({
    type: Boolean,
    description:
      'Whether the first link of the text shows a preview; `LINK_PREVIEWS` of the service says what is done where this is left out, and may forbid it. The page is called for it, for up to 3 s; where it gives nothing, the text goes without.',
  })
  @OptionalField()
  @IsFlag()
  link_preview?: boolean;

  @ApiPropertyOptional({
    type: String,
    enum: SEND_TYPES,
    description: 'What is sent. May be left out where a field of the body says it.',
  })
  @OptionalField()
  @IsOneOf(SEND_TYPES)
  type?: SendType;

  @ApiPropertyOptional({
    type: () => MediaSource,
    example: { url: 'https://example.com/menu.pdf' },
    description: '`{ id }` of an upload (`POST /api/media`), or `{ url }`, for the types with a file.',
  })
  @OptionalField()
  @IsMediaSource()
  media?: MediaSource;

  @ApiPropertyOptional({
    type: () => MediaSource,
    example: { url: 'https://example.com/menu.jpg' },
    description:
      'A picture, as `media` names one, that phones show of a video, GIF, video note or document until it is opened; none is made of these.',
  })
  @OptionalField()
  @IsMediaSource()
  thumbnail?: MediaSource;

  @ApiPropertyOptional({ type: String, maxLength: OUTGOING_LIMITS.caption, description: 'Of a file.' })
  @OptionalField()
  @IsText({ max: OUTGOING_LIMITS.caption, isMultiline: true })
  caption?: string;

  @ApiPropertyOptional({ type: String, maxLength: OUTGOING_LIMITS.fileName, example: 'menu.pdf' })
  @OptionalField()
  @IsText({ max: OUTGOING_LIMITS.fileName })
  file_name?: string;

  @ApiPropertyOptional({ type: Boolean, description: 'A picture or video that can be looked at once.' })
  @OptionalField()
  @IsFlag()
  view_once?: boolean;

  @ApiPropertyOptional({
    type: () => LocationInput,
    example: { latitude: -23.5505, longitude: -46.6333, name: 'Clinic' },
  })
  @OptionalField()
  @IsLocation()
  location?: LocationInput;

  @ApiPropertyOptional({
    oneOf: [
      { $ref: getSchemaPath(ContactInput) },
      {
        type: 'array',
        items: { $ref: getSchemaPath(ContactInput) },
        minItems: 1,
        maxItems: OUTGOING_LIMITS.contacts,
      },
    ],
    example: { name: 'Ana', phone_numbers: ['5511999887766'] },
    description: 'A card, or a list of them.',
  })
  @OptionalField()
  @IsContacts()
  contact?: ContactInput | ContactInput[];

  @ApiPropertyOptional({
    type: () => PollInput,
    example: { question: 'When?', options: ['Monday', 'Tuesday'], selectable: 1 },
  })
  @OptionalField()
  @IsPoll()
  poll?: PollInput;

  @ApiPropertyOptional({
    type: () => ReactionInput,
    example: { message_id: '1c3f0c1e-8b0c-4b57-9a55-0d0e6a1f2f11', emoji: '👍' },
    description: 'Goes where that message is.',
  })
  @OptionalField()
  @IsReaction()
  reaction?: ReactionInput;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Id of the message that is answered.' })
  @OptionalField()
  @IsUuid()
  reply_to?: string;

  @ApiPropertyOptional({
    type: [String],
    maxItems: OUTGOING_LIMITS.mentions,
    description: 'Phone numbers, or `…@lid`, of whom the text mentions by `@` and the digits.',
  })
  @OptionalField()
  @IsMentions()
  mentions?: string[];
}
