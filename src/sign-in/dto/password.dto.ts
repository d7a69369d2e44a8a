import { ApiProperty } from '@nestjs/swagger';
import { IsText } from '../../http/field-rules.js';
import { EmailField } from './email-field.js';

/** Body of `POST /api/sign-in/password`. */
export class PasswordDto {
  @EmailField()
  email: string;

  @ApiProperty({ type: String, maxLength: 1000, format: 'password', example: 'correct horse battery staple' })
  @IsText({ max: 1_000 })
  password: string;
}
