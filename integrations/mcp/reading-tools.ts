import { z } from 'zod';
import type { Booking, Contact, Instance, Message } from '../common/service-types.ts';
import { shownBooking, shownContact, shownMessage, trusted, untrusted } from './results.ts';
import { idOf, offer, PAGE, type ToolContext } from './tool-context.ts';

interface Conversation {
  contact: Contact;
  last_message: Message;
  unread_count: number;
  open_booking: Booking | null;
}

/** Offers what a key that may read can do. */
export function offerReading(context: ToolContext, canSearch: boolean): void {
  offerConversations(context);
  offerMessages(context);
  if (canSearch) {
    offerMessageSearch(context);
  }
  offerContactSearch(context);
  offerBookings(context);
}

/** Offers to say who the key is, which any key may know. */
export function offerWhoAmI(context: ToolContext): void {
  const { service, caller } = context;
  offer(context, {
    name: 'who_am_i',
    title: 'Who am I',
    description: 'The organization that is worked in, what the key may do there, and its WhatsApp numbers.',
    effect: 'reads',
    input: z.object({}),
    run: async (_input, signal) => {
      const { me, organizationId, permissions } = caller;
      const numbers = permissions.includes('read') ? await numbersOf(context, signal) : undefined;
      return trusted({
        service: service.url,
        key: me.name,
        organization_id: organizationId,
        permissions,
        numbers,
      });
    },
  });
}

/** @returns the numbers of the organization: the first hundred */
export async function numbersOf({ service, caller }: ToolContext, signal: AbortSignal) {
  const query = { organization_id: caller.organizationId, limit: 100 };
  const { instances } = await service.call<{ instances: Instance[] }>('GET', '/api/whatsapp/instances', {
    query,
    signal,
  });
  return instances.map(({ id, instance_name, phone_number, status }) => ({
    instance_id: id,
    name: instance_name,
    phone_number,
    status,
  }));
}

function offerConversations(context: ToolContext): void {
  const { service, caller } = context;
  offer(context, {
    name: 'list_conversations',
    title: 'List conversations',
    description:
      'Contacts by their last message, the newest first, with unread messages and the open booking.',
    effect: 'reads',
    input: z.object(PAGE),
    run: async (page, signal) => {
      const query = { ...page, organization_id: caller.organizationId };
      const answer = await service.call<{ conversations: Conversation[]; next_cursor: string | null }>(
        'GET',
        '/api/conversations',
        { query, signal },
      );
      const conversations = answer.conversations.map(
        ({ contact, last_message, unread_count, open_booking }) => ({
          contact: shownContact(contact),
          last_message: shownMessage(last_message),
          unread_count,
          open_booking: open_booking && shownBooking(open_booking),
        }),
      );
      return untrusted({ conversations, next_cursor: answer.next_cursor });
    },
  });
}

function offerMessages(context: ToolContext): void {
  offer(context, {
    name: 'read_messages',
    title: 'Read the messages of a conversation',
    description: 'Messages with one contact, the newest first. Long texts are cut, and say so.',
    effect: 'reads',
    input: z.object({ contact_id: idOf('`contact.id` of a conversation'), ...PAGE }),
    run: (query, signal) => messagesOf(context, query, signal),
  });
}

function offerMessageSearch(context: ToolContext): void {
  offer(context, {
    name: 'search_messages',
    title: 'Search messages',
    description: 'Messages whose text has these words or parts of words; case and accents do not matter.',
    effect: 'reads',
    input: z.object({
      search: z.string().min(1).max(100).describe('What to look for'),
      contact_id: idOf('Only with this contact').optional(),
      ...PAGE,
    }),
    run: (query, signal) => messagesOf(context, query, signal),
  });
}

async function messagesOf(
  { service, caller }: ToolContext,
  given: Record<string, string | number | undefined>,
  signal: AbortSignal,
) {
  const query = { ...given, organization_id: caller.organizationId };
  const answer = await service.call<{ messages: Message[]; next_cursor: string | null }>(
    'GET',
    '/api/messages',
    {
      query,
      signal,
    },
  );
  return untrusted({ messages: answer.messages.map(shownMessage), next_cursor: answer.next_cursor });
}

function offerContactSearch(context: ToolContext): void {
  const { service, caller } = context;
  offer(context, {
    name: 'search_contacts',
    title: 'Search contacts',
    description: 'Contacts by part of their name or number.',
    effect: 'reads',
    input: z.object({
      search: z.string().min(1).max(100).optional().describe('Part of the name or number'),
      ...PAGE,
    }),
    run: async (given, signal) => {
      const query = { ...given, organization_id: caller.organizationId };
      const answer = await service.call<{ contacts: Contact[]; next_cursor: string | null }>(
        'GET',
        '/api/contacts',
        {
          query,
          signal,
        },
      );
      return untrusted({ contacts: answer.contacts.map(shownContact), next_cursor: answer.next_cursor });
    },
  });
}

function offerBookings(context: ToolContext): void {
  const { service, caller } = context;
  offer(context, {
    name: 'list_bookings',
    title: 'List bookings',
    description: 'Bookings, the newest first, or those of a period.',
    effect: 'reads',
    input: z.object({
      status: z.enum(['pending', 'confirmed', 'cancelled', 'completed']).optional(),
      contact_id: idOf('Only of this contact').optional(),
      starts_from: z.iso
        .datetime({ offset: true })
        .optional()
        .describe('Only those that start then or later'),
      starts_before: z.iso.datetime({ offset: true }).optional().describe('Only those that start earlier'),
      ...PAGE,
    }),
    run: async (given, signal) => {
      const query = { ...given, organization_id: caller.organizationId };
      const answer = await service.call<{ bookings: Booking[]; next_cursor: string | null }>(
        'GET',
        '/api/bookings',
        {
          query,
          signal,
        },
      );
      return untrusted({ bookings: answer.bookings.map(shownBooking), next_cursor: answer.next_cursor });
    },
  });
}
