import type { Calls } from '../calls.js';
import type { CallOptions } from '../client-options.js';
import { Listing, type Page, pageOf } from '../pages.js';
import type { Note, QueryOf } from '../schemas.js';

/** What the business notes about a client. */
export class Notes extends Listing<QueryOf<'/api/notes'>, Note> {
  constructor(private readonly calls: Calls) {
    super();
  }

  override async page(query: QueryOf<'/api/notes'> = {}, options: CallOptions = {}): Promise<Page<Note>> {
    const { data } = await this.calls.GET('/api/notes', { params: { query }, ...options });
    return pageOf(data.notes, data.next_cursor);
  }
}
