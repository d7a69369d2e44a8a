import { ApiProperty } from '@nestjs/swagger';

/** What a message answers. */
export class RepliedResponse {
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'Null where it is not here.' })
  id: string | null;

  @ApiProperty({ type: String })
  whatsapp_message_id: string;

  @ApiProperty({ type: Boolean })
  from_me: boolean;

  @ApiProperty({ type: String, description: 'As it is quoted.' })
  content: string;
}

/** A reaction to a message. */
export class ReactionResponse {
  @ApiProperty({ type: String, example: '👍' })
  emoji: string;

  @ApiProperty({ type: String, nullable: true, example: '5511988887777' })
  from: string | null;

  @ApiProperty({ type: Boolean })
  from_me: boolean;

  @ApiProperty({ type: String, format: 'date-time' })
  reacted_at: string;
}

/** @returns a reaction as REST shows it */
export function toReactionResponse({
  emoji,
  from,
  fromMe,
  reactedAt,
}: {
  emoji: string;
  from: string | null;
  fromMe: boolean;
  reactedAt: string;
}): ReactionResponse {
  return { emoji, from, from_me: fromMe, reacted_at: reactedAt };
}
