import { randomUUID } from 'node:crypto';
import type { ConsoleService } from './console-service.js';

let nextNumber = 5_521_960_000_001;

/** @returns a number that nobody has yet */
export const aPhoneNumber = (): string => String(nextNumber++);

/** What a test wants of its business. */
interface ShopOptions {
  organizationId?: string;
  number?: string;
  /** Of the number, as the page shows it. */
  numberName?: string;
  settings?: object;
}

/** A business with a number, whose customers are simulated phones. */
export class Shop {
  readonly service: ConsoleService;
  readonly organizationId: string;
  readonly number: string;
  readonly instanceId: string;

  private constructor(service: ConsoleService, organizationId: string, number: string, instanceId: string) {
    this.service = service;
    this.organizationId = organizationId;
    this.number = number;
    this.instanceId = instanceId;
  }

  static async open(service: ConsoleService, options: ShopOptions = {}): Promise<Shop> {
    const {
      organizationId = `shop_${randomUUID().slice(0, 8)}`,
      number = aPhoneNumber(),
      numberName,
      settings,
    } = options;
    await service.call('POST', '/api/organizations', { id: organizationId, name: 'Clínica Sol' });
    if (settings !== undefined) {
      await service.call('PATCH', `/api/organizations/${organizationId}/settings`, settings);
    }
    const instanceId = await service.linkedNumber(organizationId, number, numberName);
    return new Shop(service, organizationId, number, instanceId);
  }

  /** @returns somebody who has not written yet */
  async phone(name: string, number = aPhoneNumber()): Promise<Customer> {
    await this.service.phones('POST', '/phones', { number, name });
    return new Customer(this, number);
  }

  /** Has somebody write to the shop. @returns the contact that this makes */
  async customer(
    name: string,
    text = 'Hello',
    number = aPhoneNumber(),
  ): Promise<{ id: string; number: string }> {
    const customer = await this.phone(name, number);
    await customer.writes(text);
    return { id: await customer.contactId(), number };
  }

  /** Has somebody write another message. */
  async writes(number: string, text: string): Promise<void> {
    await new Customer(this, number).writes(text);
  }

  /** Makes a booking. @returns its id */
  async book(contactId: string, words: object = {}): Promise<string> {
    const { booking } = await this.service.call<{ booking: { id: string } }>('POST', '/api/bookings', {
      organization_id: this.organizationId,
      contact_id: contactId,
      ...words,
    });
    return booking.id;
  }

  /** @returns its bookings, the newest first */
  async bookings(): Promise<Record<string, unknown>[]> {
    const path = `/api/bookings?organization_id=${this.organizationId}&limit=100`;
    return (await this.service.call<{ bookings: Record<string, unknown>[] }>('GET', path)).bookings;
  }

  /** Changes a booking, as somebody else does. */
  async changeBooking(id: string, changes: object): Promise<void> {
    await this.service.call('PATCH', `/api/bookings/${id}`, {
      organization_id: this.organizationId,
      ...changes,
    });
  }
}

/** Somebody with a simulated phone. */
export class Customer {
  private readonly shop: Shop;
  readonly number: string;

  constructor(shop: Shop, number: string) {
    this.shop = shop;
    this.number = number;
  }

  /** Writes, and waits until the service has it. @returns WhatsApp's id of the message */
  async writes(content: string | object, more: object = {}): Promise<string> {
    const { service, organizationId, number } = this.shop;
    const { id } = await service.phones<{ id: string }>('POST', `/phones/${this.number}/write`, {
      to: number,
      ...(typeof content === 'string' ? { text: content } : { content }),
      ...more,
    });
    await service.event(organizationId, ({ payload }) => payload['messageId'] === id);
    return id;
  }

  /** Does something to a message, such as reacting to it; nothing is waited for. */
  async does(change: object): Promise<void> {
    await this.shop.service.phones('POST', `/phones/${this.number}/write`, {
      to: this.shop.number,
      content: change,
    });
  }

  /** @returns the id of the contact that it became */
  async contactId(): Promise<string> {
    const { service, organizationId } = this.shop;
    const { contacts } = await service.call<{ contacts: { id: string }[] }>(
      'GET',
      `/api/contacts?organization_id=${organizationId}&phone_number=${this.number}`,
    );
    return contacts[0]!.id;
  }

  /** Waits for a message to this phone. @returns what it shows of it */
  async receives(isWanted: (message: ReceivedMessage) => boolean): Promise<ReceivedMessage> {
    for (let after = 0; ;) {
      const { messages } = await this.shop.service.phones<{ messages: ReceivedMessage[] }>(
        'GET',
        `/phones/${this.number}/messages?after=${after}&limit=100&wait=20000`,
      );
      const found = messages.find(isWanted);
      if (found !== undefined) {
        return found;
      }
      after = messages.at(-1)?.sequence ?? after;
    }
  }
}

export interface ReceivedMessage {
  id: string;
  sequence: number;
  text?: string;
  kind?: string;
  file?: { fileName?: string; mimetype?: string };
}
