import { ApiProperty } from '@nestjs/swagger';

export const SIGN_IN_WAYS = ['open', 'api_key', 'password', 'magic_link'] as const;
export type SignInWay = (typeof SIGN_IN_WAYS)[number];

/** Answer of `GET /api/console`: what a page may know before anybody has signed in. */
export class ConsoleResponse {
  @ApiProperty({ type: Boolean, enum: [true], example: true })
  success: true;

  @ApiProperty({
    type: String,
    isArray: true,
    enum: SIGN_IN_WAYS,
    description:
      '`open`: nobody has to. `api_key`: with a token, as everywhere. `password` and `magic_link`: a user of Supabase, by `POST /api/sign-in/…`.',
    example: ['api_key'],
  })
  sign_in: SignInWay[];

  @ApiProperty({
    type: Boolean,
    description: 'WhatsApp is the simulated network of this process.',
    example: false,
  })
  simulator: boolean;

  @ApiProperty({ type: String, description: 'Of the service.', example: '0.1.0' })
  version: string;
}
