import type { Calls } from '../calls.js';
import type { CallOptions } from '../client-options.js';
import { Listing, type Page, pageOf } from '../pages.js';
import type { Group, GroupDetail, QueryOf } from '../schemas.js';

/** Groups of instances that store them. */
export class Groups extends Listing<QueryOf<'/api/groups'>, Group> {
  constructor(private readonly calls: Calls) {
    super();
  }

  override async page(query: QueryOf<'/api/groups'> = {}, options: CallOptions = {}): Promise<Page<Group>> {
    const { data } = await this.calls.GET('/api/groups', { params: { query }, ...options });
    return pageOf(data.groups, data.next_cursor);
  }

  async get(id: string, options: CallOptions = {}): Promise<GroupDetail> {
    const { data } = await this.calls.GET('/api/groups/{id}', { params: { path: { id } }, ...options });
    return data.group;
  }
}
