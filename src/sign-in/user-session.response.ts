import { ApiProperty } from '@nestjs/swagger';

/** Tokens of a user who has signed in, as Supabase gives them. */
export class UserSessionResponse {
  @ApiProperty({ type: String, description: 'Send it as `Authorization: Bearer …`.', example: 'eyJhbGciOi…' })
  access_token: string;

  @ApiProperty({
    type: String,
    description: 'Gives the next session, once: `POST /api/sign-in/refresh`.',
    example: 'v1.MjAyNS0xMC0wMg',
  })
  refresh_token: string;

  @ApiProperty({ type: 'integer', description: 'In s, until the token ends.', example: 3600 })
  expires_in: number;
}
