import type { BaileysEventMap } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import type { PersonAddress } from '../../common/inbox.js';
import type { Instance } from '../../repositories/instance.js';
import { personOf } from '../decoding/message-addresses.js';
import type { SessionContext } from './session-context.js';

const MAX_BATCH = 500;
/** As many as an address book has. More waiting than this: the oldest are dropped, and a message tells of them again. */
const MAX_WAITING = 20_000;

/**
 * Teaches the contacts of an organization which number and which LID are one person, as the phone of an instance tells it: from its
 * address book, or of a chat. Messages do the same where they are routed.
 */
export class AddressLearner {
  /** By LID, in the order of what was told last. */
  private readonly waiting = new Map<string, PersonAddress>();
  private isAtWork = false;

  constructor(
    private readonly instance: Pick<Instance, 'id' | 'organizationId'>,
    private readonly context: {
      messages: Pick<SessionContext['messages'], 'learnAddresses'>;
      bus: Pick<SessionContext['bus'], 'emit'>;
      config: Pick<SessionContext['config'], 'bookingPolicy'>;
    },
    private readonly log: Logger,
  ) {}

  /** Takes note of a pair; it is stored soon. Anything but a person's number and LID is left out. */
  add({ lid: lidJid, pn }: BaileysEventMap['lid-mapping.update']): void {
    const { phone, lid } = personOf(undefined, pn, lidJid);
    if (phone === undefined || lid === undefined) {
      return;
    }
    this.waiting.delete(lid);
    this.waiting.set(lid, { phone, lid });
    if (this.waiting.size > MAX_WAITING) {
      this.waiting.delete(this.waiting.keys().next().value!);
    }
    if (!this.isAtWork) {
      this.isAtWork = true;
      // An address book tells many in one turn.
      setImmediate(() => void this.work());
    }
  }

  /** Never rejects. */
  private async work(): Promise<void> {
    const { messages, bus, config } = this.context;
    const { id: instanceId, organizationId } = this.instance;
    const { bookingPolicy } = config;
    try {
      while (this.waiting.size > 0) {
        const people = [...this.waiting.values()].slice(0, MAX_BATCH);
        people.forEach(({ lid }) => this.waiting.delete(lid!));
        const events = await messages.learnAddresses({ instanceId, organizationId, bookingPolicy, people });
        if (events.length > 0) {
          bus.emit('events.committed', events);
        }
      }
    } catch (err) {
      // The next message of each, and the next one to it, tell the same.
      this.log.warn({ err }, 'addresses not learnt');
      this.waiting.clear();
    } finally {
      this.isAtWork = false;
    }
  }
}
