import type { Phone } from '../../src/simulator/phones/phone.js';
import type { LinkedDevice } from '../../src/simulator/server/linked-device.js';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { LoadOptions } from './options.js';
import type { Random } from './random.js';
import type { Timeline } from './timeline.js';

/** A number of an organization, linked to what is tested. */
export interface LinkedNumber {
  /** Id at what is tested. */
  id: string;
  organization: string;
  owner: Phone;
}

/** Somebody who writes to numbers. */
export interface Client {
  phone: Phone;
  /** Never shows its number: known by its LID alone. */
  isHidden: boolean;
}

const HIDDEN_SHARE = 0.1;

/** The phones of the simulated network: owners of linked numbers, and clients who write to them. */
export class Population {
  readonly linkedNumbers: LinkedNumber[] = [];
  readonly clients: Client[] = [];
  private readonly simulator: WhatsAppSimulator;
  private readonly random: Random;
  private readonly timeline: Timeline;

  constructor(simulator: WhatsAppSimulator, options: LoadOptions, random: Random, timeline: Timeline) {
    this.timeline = timeline;
    this.simulator = simulator;
    this.random = random;
    for (let i = 0; i < options.clients; i++) {
      this.addClient();
    }
    for (let i = 0; i < options.organizations * options.instances; i++) {
      const owner = this.addPhone({ number: `551198${String(1_000_000 + i)}`, name: `Owner ${i}` });
      this.linkedNumbers.push({ id: '', organization: `chaos-${i % options.organizations}`, owner });
    }
  }

  addClient(): Client {
    const place = this.clients.length;
    const phone = this.addPhone({
      number: `551197${String(2_000_000 + place)}`,
      name: `Client ${place}`,
    });
    const client = { phone, isHidden: this.random.chance(HIDDEN_SHARE) };
    this.clients.push(client);
    return client;
  }

  /** A client, newer ones more often than their number says. */
  someClient(): Client {
    const { random, clients } = this;
    return random.chance(0.3) ? random.pick(clients.slice(-10)) : random.pick(clients.slice(-200));
  }

  /** A phone that takes note of what it can't read. */
  private addPhone(person: { number: string; name: string }): Phone {
    const phone = this.simulator.addPhone(person);
    const decrypt = phone.primary.decrypt.bind(phone.primary);
    phone.primary.decrypt = async (remote, type, ciphertext) => {
      try {
        return await decrypt(remote, type, ciphertext);
      } catch (error) {
        const { user, device } = remote;
        this.timeline.note('unreadable', {
          phone: phone.number,
          from: user,
          device,
          type,
          error: String(error),
        });
        throw error;
      }
    };
    return phone;
  }

  deviceOf(linkedNumber: LinkedNumber): LinkedDevice | undefined {
    return linkedNumber.owner.devices[0];
  }

  /** Messages that no number has confirmed yet. */
  get pending(): number {
    return this.linkedNumbers.reduce(
      (sum, linkedNumber) => sum + (this.deviceOf(linkedNumber)?.pendingCount ?? 0),
      0,
    );
  }
}
