import type { Calls } from '../calls.js';
import type { CallOptions } from '../client-options.js';
import { Listing, type Page, pageOf } from '../pages.js';
import type { Delivery, NewWebhook, QueryOf, Webhook, WebhookChange } from '../schemas.js';

/** A webhook with its secret, which is shown now and never again. */
export interface IssuedWebhook {
  webhook: Webhook;
  secret: string;
}

/** Addresses that are called with events. */
export class Webhooks extends Listing<QueryOf<'/api/webhooks'>, Webhook> {
  constructor(private readonly calls: Calls) {
    super();
  }

  override async page(
    query: QueryOf<'/api/webhooks'> = {},
    options: CallOptions = {},
  ): Promise<Page<Webhook>> {
    const { data } = await this.calls.GET('/api/webhooks', { params: { query }, ...options });
    return pageOf(data.webhooks, data.next_cursor);
  }

  async create(webhook: NewWebhook, options: CallOptions = {}): Promise<IssuedWebhook> {
    const { data } = await this.calls.POST('/api/webhooks', { body: webhook, ...options });
    return { webhook: data.webhook, secret: data.secret };
  }

  async get(id: string, options: CallOptions = {}): Promise<Webhook> {
    const { data } = await this.calls.GET('/api/webhooks/{id}', { params: { path: { id } }, ...options });
    return data.webhook;
  }

  async update(id: string, change: WebhookChange, options: CallOptions = {}): Promise<Webhook> {
    const { data } = await this.calls.PATCH('/api/webhooks/{id}', {
      params: { path: { id } },
      body: change,
      ...options,
    });
    return data.webhook;
  }

  async remove(id: string, options: CallOptions = {}): Promise<void> {
    await this.calls.DELETE('/api/webhooks/{id}', { params: { path: { id } }, ...options });
  }

  /** @returns what was sent and what was answered, the newest first */
  async deliveries(
    id: string,
    query: QueryOf<'/api/webhooks/{id}/deliveries'> = {},
    options: CallOptions = {},
  ): Promise<Page<Delivery>> {
    const { data } = await this.calls.GET('/api/webhooks/{id}/deliveries', {
      params: { path: { id }, query },
      ...options,
    });
    return pageOf(data.deliveries, data.next_cursor);
  }
}
