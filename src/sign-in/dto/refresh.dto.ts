import { ApiProperty } from '@nestjs/swagger';
import { IsText } from '../../http/field-rules.js';

/** Body of `POST /api/sign-in/refresh`. */
export class RefreshDto {
  @ApiProperty({ type: String, maxLength: 4000, example: 'v1.MjAyNS0xMC0wMg' })
  @IsText({ max: 4_000 })
  refresh_token: string;
}
