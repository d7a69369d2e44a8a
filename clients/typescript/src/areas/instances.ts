import type { Calls } from '../calls.js';
import type { CallOptions } from '../client-options.js';
import { Listing, type Page, pageOf } from '../pages.js';
import type {
  Connecting,
  ConnectRequest,
  CreatedInstance,
  Instance,
  InstanceChange,
  InstanceStatus,
  NewInstance,
  QueryOf,
} from '../schemas.js';

/** Numbers of the organization. */
export class Instances extends Listing<QueryOf<'/api/whatsapp/instances'>, Instance> {
  constructor(private readonly calls: Calls) {
    super();
  }

  override async page(
    query: QueryOf<'/api/whatsapp/instances'> = {},
    options: CallOptions = {},
  ): Promise<Page<Instance>> {
    const { data } = await this.calls.GET('/api/whatsapp/instances', { params: { query }, ...options });
    return pageOf(data.instances, data.next_cursor);
  }

  async get(id: string, options: CallOptions = {}): Promise<Instance> {
    const { data } = await this.calls.GET('/api/whatsapp/instances/{id}', at(id, options));
    return data.instance;
  }

  async create(instance: NewInstance, options: CallOptions = {}): Promise<CreatedInstance> {
    // Which organization it is, the client adds where this does not say it.
    const body = instance as NewInstance & { organization_id: string };
    const { data } = await this.calls.POST('/api/whatsapp/instances', { body, ...options });
    return data.instance;
  }

  async update(id: string, change: InstanceChange, options: CallOptions = {}): Promise<Instance> {
    const { data } = await this.calls.PATCH('/api/whatsapp/instances/{id}', {
      ...at(id, options),
      body: change,
    });
    return data.instance;
  }

  /** Links a phone: by `code` the answer has the code to type there, by `qr` events bring what to scan. */
  async connect(id: string, request: ConnectRequest, options: CallOptions = {}): Promise<Connecting> {
    const { data } = await this.calls.POST('/api/whatsapp/instances/{id}/connect', {
      ...at(id, options),
      body: request,
    });
    return data;
  }

  async status(id: string, options: CallOptions = {}): Promise<InstanceStatus> {
    const { data } = await this.calls.GET('/api/whatsapp/instances/{id}/status', at(id, options));
    return data;
  }

  /** Logs its device out and deletes it. */
  async remove(id: string, options: CallOptions = {}): Promise<void> {
    await this.calls.DELETE('/api/whatsapp/instances/{id}', at(id, options));
  }
}

function at(id: string, options: CallOptions) {
  return { params: { path: { id } }, ...options };
}
