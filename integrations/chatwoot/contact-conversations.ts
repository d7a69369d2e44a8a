import { CallError } from '../common/http-json.ts';
import type { Contact } from '../common/service-types.ts';
import type { ChatwootClient } from './chatwoot-client.ts';
import type { ChatwootContact, ChatwootConversation } from './chatwoot-types.ts';

const UNPROCESSABLE = 422;
const IDENTIFIER = /^auzap:([\da-f-]{36})$/;

/** @returns the contact's id at the service, where the bridge made the contact in Chatwoot */
export function serviceIdOf(identifier: string | null): string | undefined {
  return IDENTIFIER.exec(identifier ?? '')?.[1];
}

/** Finds, or makes, who a contact is in Chatwoot and where it is talked with. */
export class ContactConversations {
  private readonly chatwoot: ChatwootClient;
  private readonly inboxId: number;

  constructor(chatwoot: ChatwootClient, inboxId: number) {
    this.chatwoot = chatwoot;
    this.inboxId = inboxId;
  }

  /** @returns the contact with this identifier or number; one that is not there is made */
  async contactFor(contact: Contact): Promise<ChatwootContact> {
    return (await this.find(contact)) ?? (await this.create(contact));
  }

  /** @returns its conversations in the inbox, the newest first */
  conversationsOf({ id }: ChatwootContact): Promise<ChatwootConversation[]> {
    return this.chatwoot.conversationsOf(id);
  }

  /** @returns a new conversation, or the one there is where the inbox has but one for each contact */
  async open(contact: ChatwootContact): Promise<ChatwootConversation> {
    const joined = contact.contact_inboxes.find(({ inbox }) => inbox.id === this.inboxId);
    const sourceId = joined?.source_id ?? (await this.chatwoot.joinInbox(contact.id));
    return this.chatwoot.createConversation(contact.id, sourceId);
  }

  private async find({ id, phone_number }: Contact): Promise<ChatwootContact | undefined> {
    const identifier = `auzap:${id}`;
    const known = await this.chatwoot.searchContacts(identifier);
    const found = known.find((one) => one.identifier === identifier);
    if (found || phone_number === null) {
      return found;
    }
    const number = `+${phone_number}`;
    return (await this.chatwoot.searchContacts(number)).find((one) => one.phone_number === number);
  }

  private async create(contact: Contact): Promise<ChatwootContact> {
    const { id, name, phone_number } = contact;
    // The service calls so who has told no name.
    const known = name === 'Unknown' && phone_number !== null ? `+${phone_number}` : name;
    const fields = { name: known, identifier: `auzap:${id}` };
    if (phone_number === null) {
      return this.chatwoot.createContact(fields);
    }
    try {
      return await this.chatwoot.createContact({ ...fields, phone_number: `+${phone_number}` });
    } catch (error) {
      if (!(error instanceof CallError) || error.status !== UNPROCESSABLE) {
        throw error;
      }
      // Somebody made it meanwhile, or Chatwoot takes no such number.
      return (await this.find(contact)) ?? this.chatwoot.createContact(fields);
    }
  }
}
