import { OrganizationPageDto } from '../../http/organization-page.dto.js';
import { ConversationResponse } from '../conversation.response.js';
import { FieldsField } from '../../http/fields-field.decorator.js';
import { SearchField } from '../../http/search-field.decorator.js';

/** Query of `GET /api/conversations`. */
export class ListConversationsDto extends OrganizationPageDto {
  @SearchField('Only conversations with contacts that have these words in their name or number.')
  search?: string;

  @FieldsField(ConversationResponse, 'contact')
  fields?: string;
}
