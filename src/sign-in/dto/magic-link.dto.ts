import { EmailField } from './email-field.js';

/** Body of `POST /api/sign-in/magic-link`. */
export class MagicLinkDto {
  @EmailField()
  email: string;
}
