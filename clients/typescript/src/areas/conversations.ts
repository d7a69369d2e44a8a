import type { Calls } from '../calls.js';
import type { CallOptions } from '../client-options.js';
import { Listing, type Page, pageOf } from '../pages.js';
import type { Conversation, QueryOf } from '../schemas.js';

/** Contacts by their last message. */
export class Conversations extends Listing<QueryOf<'/api/conversations'>, Conversation> {
  constructor(private readonly calls: Calls) {
    super();
  }

  override async page(
    query: QueryOf<'/api/conversations'> = {},
    options: CallOptions = {},
  ): Promise<Page<Conversation>> {
    const { data } = await this.calls.GET('/api/conversations', { params: { query }, ...options });
    return pageOf(data.conversations, data.next_cursor);
  }
}
