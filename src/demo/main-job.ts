import type { Phone } from '../simulator/phones/phone.js';
import type { WhatsAppSimulator } from '../simulator/whatsapp-simulator.js';
import type { DemoClient } from './demo-client.js';
import { eventually, expectThat } from './expectations.js';
import { FileExchange } from './file-exchange.js';
import type { Transcript } from './transcript.js';

const ORGANIZATION = 'org_123';
const OWNER_NUMBER = '5511999887766';
const CLIENT_NUMBER = '5511988887777';

interface Lists {
  contacts: { id: string; name: string; phone_number: string }[];
  messages: { id: string; content: string; direction: string; status: string }[];
  bookings: { id: string; status: string; source: string }[];
  notes: { id: string; content: string }[];
}

/**
 * Walks through what the product is for, as its users would: over REST and Socket.IO on one side, on simulated phones
 * on the other.
 */
export class MainJob {
  private readonly owner: Phone;
  private readonly ana: Phone;

  constructor(
    private readonly client: DemoClient,
    simulator: WhatsAppSimulator,
    private readonly transcript: Transcript,
  ) {
    this.owner = simulator.addPhone({ number: OWNER_NUMBER, name: 'Owner of the shop' });
    this.ana = simulator.addPhone({ number: CLIENT_NUMBER, name: 'Ana' });
  }

  /** @throws as soon as something is not as promised */
  async show(): Promise<void> {
    const instanceId = await this.createInstance();
    await this.transcript.step('Its application listens for events', () => this.client.join(ORGANIZATION));
    const code = await this.askForCode(instanceId);
    await this.link(instanceId, code);
    await this.receive();
    await this.noteDown();
    await this.answer(instanceId);
    await new FileExchange(this.client, this.owner, this.ana, this.transcript).show(instanceId);
  }

  private createInstance(): Promise<string> {
    return this.transcript.step('The shop creates an instance for its number', async () => {
      const { instance } = await this.client.call<{ instance: { id: string; status: string } }>(
        'POST',
        '/api/whatsapp/instances',
        { organization_id: ORGANIZATION, instance_name: 'Main WhatsApp', phone_number: OWNER_NUMBER },
      );
      this.transcript.show('instance', instance);
      return instance.id;
    });
  }

  private askForCode(instanceId: string): Promise<string> {
    return this.transcript.step('It asks for a pairing code', async () => {
      const { pairingCode } = await this.client.call<{ pairingCode: string }>(
        'POST',
        `/api/whatsapp/instances/${instanceId}/connect`,
        { phone_number: OWNER_NUMBER, method: 'code' },
      );
      this.transcript.show('code', pairingCode);
      return pairingCode;
    });
  }

  private link(instanceId: string, code: string): Promise<void> {
    return this.transcript.step('The owner types the code on the phone; the number is linked', async () => {
      await this.owner.types(code);
      this.transcript.show('event', await this.client.event('whatsapp:connected'));
      const { instance } = await this.client.call<{ instance: { status: string } }>(
        'GET',
        `/api/whatsapp/instances/${instanceId}/status`,
      );
      expectThat(instance.status === 'connected', `the status is ${instance.status}, not connected`);
    });
  }

  private receive(): Promise<void> {
    return this.transcript.step(
      'A client writes; contact, message, booking and event are there',
      async () => {
        const text = 'Hi, I would like to book a bath for my dog';
        const sent = await this.ana.writes(this.owner, text, { addressing: 'lid' });
        await sent.acknowledged();
        const event = await this.client.event('whatsapp:message', (payload) => payload.messageId === sent.id);
        const [contacts, messages, bookings] = [
          await this.list('contacts'),
          await this.list('messages'),
          await this.list('bookings'),
        ];
        this.transcript.show('event', event);
        this.transcript.show('contact', pick(contacts[0], 'id', 'name', 'phone_number'));
        this.transcript.show('message', pick(messages[0], 'id', 'direction', 'content'));
        this.transcript.show('booking', pick(bookings[0], 'id', 'status', 'source'));
        expectThat(
          contacts.length === 1 && contacts[0]?.phone_number === CLIENT_NUMBER,
          'the contact is not there',
        );
        expectThat(event.contactId === contacts[0]?.id, 'the event names another contact');
        expectThat(messages.length === 1 && messages[0]?.content === text, 'the message is not there');
        expectThat(bookings.length === 1 && bookings[0]?.status === 'pending', 'the booking is not there');
      },
    );
  }

  private noteDown(): Promise<void> {
    return this.transcript.step(
      'The owner writes to the client on the phone: a note, and nothing else',
      async () => {
        const text = 'Saturday at ten, on the house';
        const sent = await this.owner.writes(this.ana, text);
        await sent.acknowledged();
        const notes = await eventually(
          () => this.list('notes'),
          (found) => found.length > 0,
        );
        this.transcript.show('note', pick(notes[0], 'id', 'content'));
        expectThat(notes[0]?.content === text, 'the note holds something else');
        const counts = [
          (await this.list('contacts')).length,
          (await this.list('messages')).length,
          (await this.list('bookings')).length,
        ];
        this.transcript.show(
          'elsewhere',
          `${counts[0]} contact, ${counts[1]} message, ${counts[2]} booking, as before`,
        );
        expectThat(
          counts.every((count) => count === 1),
          'something else was made',
        );
      },
    );
  }

  private answer(instanceId: string): Promise<void> {
    return this.transcript.step("An answer is sent; the client's phone decrypts and reads it", async () => {
      const text = 'Hello from AuZap!';
      const answer = await this.client.call('POST', `/api/whatsapp/instances/${instanceId}/send`, {
        to: CLIENT_NUMBER,
        message: text,
      });
      this.transcript.show('answer', answer);
      const arrived = await this.ana.receives((message) => message.text === text, { timeoutMs: 15_000 });
      this.ana.reads(arrived);
      this.transcript.show('on phone', arrived.text);
      const status = await eventually(
        async () => (await this.list('messages')).find((message) => message.content === text)?.status,
        (found) => found === 'read',
      );
      this.transcript.show('status', status);
    });
  }

  private async list<Kind extends keyof Lists>(kind: Kind): Promise<Lists[Kind]> {
    const lists = await this.client.call<Lists>('GET', `/api/${kind}?organization_id=${ORGANIZATION}`);
    return lists[kind];
  }
}

function pick<Row extends object, Key extends keyof Row>(row: Row | undefined, ...keys: Key[]): Partial<Row> {
  return Object.fromEntries(keys.map((key) => [key, row?.[key]])) as Partial<Row>;
}
