import assert from 'node:assert/strict';
import { vi } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { BuiltService, makeServiceHome, type ServiceHome } from './built-service.js';
import { type EventCollector, listen } from './event-collector.js';

const PATIENCE = { timeout: 30_000, interval: 50 };
const ORGANIZATION = 'org_main_job';

type Kind = 'contacts' | 'messages' | 'bookings' | 'notes';
interface Ready {
  checks: { sessions: { connected: number } };
}
interface Row {
  id: string;
  name?: string;
  content?: string;
  contact_id?: string | null;
}

/** What the service is for, done with the built service by a business with one number, on a network of its own. */
export class MainJob {
  readonly owner: Phone;
  private readonly client: Phone;
  private running: BuiltService | undefined;
  private events: EventCollector | undefined;
  private instanceId = '';
  private readonly sent: string[] = [];
  private readonly answered: string[] = [];

  private constructor(
    private readonly simulator: WhatsAppSimulator,
    readonly home: ServiceHome,
  ) {
    this.owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
    this.client = simulator.addPhone({ number: '5511988880001', name: 'Ana' });
  }

  static async prepare(): Promise<MainJob> {
    return new MainJob(await WhatsAppSimulator.start({}), await makeServiceHome());
  }

  get service(): BuiltService {
    if (!this.running) {
      throw new Error('the service of this job was not started');
    }
    return this.running;
  }

  /** Starts the service at a database and subscribes to its events. */
  async start(database: Record<string, string>): Promise<void> {
    this.running = await BuiltService.start(this.home, {
      WHATSAPP_WS_URL: this.simulator.url,
      WHATSAPP_ROOT_KEY: this.simulator.rootPublicKey,
      ...database,
    });
    this.events = await listen(this.running.url, ORGANIZATION);
  }

  /** Ends the service as an operator does, and expects it to end in order. */
  async stop(): Promise<void> {
    this.events?.close();
    const { running } = this;
    this.running = undefined;
    assert.equal(await running?.stop('SIGTERM'), 0);
  }

  /** Links a number and runs the workload, ends, starts again on the migrated database, and runs it again without linking again. */
  async doTwice(database: Record<string, string>): Promise<void> {
    await this.start(database);
    await this.link();
    await this.runWorkload();
    await this.stop();
    await this.goOn(database);
  }

  /** Starts on a database that has the number already, runs the workload, and ends. */
  async goOn(database: Record<string, string>): Promise<void> {
    await this.start(database);
    await this.comesBack();
    await this.runWorkload();
    await this.stop();
  }

  /** Creates an instance and types its pairing code on the owner's phone. */
  async link(): Promise<void> {
    const { api } = this.service;
    this.instanceId = await api.createInstance(ORGANIZATION, this.owner.number);
    await this.owner.types(await api.pairingCode(this.instanceId));
    await this.events!.next('whatsapp:connected');
  }

  /** Waits until the number is on line by the session that is stored: nobody links it again. */
  async comesBack(): Promise<void> {
    await vi.waitFor(async () => {
      const { body } = await this.service.api.call<Ready>('GET', '/health/ready');
      assert.equal(body.checks.sessions.connected, 1);
    }, PATIENCE);
    assert.equal(this.owner.devices.length, 1);
  }

  /** The client writes and is answered, and the owner notes something; all that ever was is looked for where it belongs. */
  async runWorkload(): Promise<void> {
    const number = this.sent.length;
    const [question, answer, note] = [`question ${number}`, `answer ${number}`, `note ${number}`];
    await (await this.client.writes(this.owner, question)).acknowledged();
    const event = await this.events!.next('whatsapp:message', ({ text }) => text === question);
    this.sent.push(question);

    const sending = await this.service.api.call('POST', `/api/whatsapp/instances/${this.instanceId}/send`, {
      to: this.client.number,
      message: answer,
    });
    assert.equal(sending.status, 200, JSON.stringify(sending.body));
    await this.client.receives(({ text }) => text === answer);
    this.answered.push(answer);
    await this.owner.writes(this.client, note);

    await vi.waitFor(async () => {
      assert.ok(
        (await this.rows('notes')).some(({ content }) => content === note),
        `no ${note}`,
      );
    }, PATIENCE);
    assert.deepEqual(
      (await this.rows('contacts')).map(({ id, name }) => [id, name]),
      [[event.contactId, 'Ana']],
    );
    assert.deepEqual(
      (await this.rows('bookings')).map((row) => [row.id, row.contact_id]),
      [[event.bookingId, event.contactId]],
    );
    await this.holds();
  }

  /** Looks for everything that was said. */
  async holds(): Promise<void> {
    const messages = (await this.rows('messages')).map(({ content }) => content ?? '');
    assert.deepEqual(messages.toSorted(), [...this.sent, ...this.answered].toSorted());
    assert.equal((await this.rows('notes')).length, this.sent.length);
  }

  /** Ends what is left of it. */
  async end(): Promise<void> {
    this.events?.close();
    await this.running?.stop('SIGKILL');
    await this.simulator.stop();
    await this.home.remove();
  }

  private async rows(kind: Kind): Promise<Row[]> {
    const { status, body } = await this.service.api.call<Record<string, Row[]>>(
      'GET',
      `/api/${kind}?organization_id=${ORGANIZATION}&limit=100`,
    );
    assert.equal(status, 200);
    return body[kind]!;
  }
}
