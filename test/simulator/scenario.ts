import { afterEach, beforeEach } from 'vitest';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { SimulatorOptions } from '../../src/simulator/whatsapp-simulator.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { silenceLibsignal } from '../../src/simulator/silence-libsignal.js';
import { Client } from './client.js';

silenceLibsignal();

/** A network with an owner and two customers, made fresh for each test. */
export class Scenario {
  sim!: WhatsAppSimulator;
  owner!: Phone;
  ana!: Phone;
  bruno!: Phone;
  private readonly clients = new Set<Client>();

  constructor(options: SimulatorOptions = {}) {
    beforeEach(async () => {
      this.sim = await WhatsAppSimulator.start(options);
      this.owner = this.sim.addPhone({ number: '5511999887766', name: 'Owner' });
      this.ana = this.sim.addPhone({ number: '5511988887777', name: 'Ana' });
      this.bruno = this.sim.addPhone({ number: '5511977776666', name: 'Bruno' });
    });
    afterEach(async () => {
      for (const client of this.clients) {
        client.end();
      }
      this.clients.clear();
      await this.sim.stop();
    });
  }

  /** A client that is ended with the test. */
  client(...[config]: [ConstructorParameters<typeof Client>[1]?]): Client {
    const client = new Client(this.sim.url, config);
    this.clients.add(client);
    return client;
  }

  /** A client linked to a phone by QR, logged in and past its offline phase. */
  async linked(phone: Phone = this.owner, config?: ConstructorParameters<typeof Client>[1]): Promise<Client> {
    const client = this.client(config).connect();
    await phone.scans(await client.qr());
    await client.closed();
    const bootstrapped = this.sim.next(
      'device.bootstrapped',
      (device) => device.phone === phone.number,
      60_000,
    );
    client.connect();
    await Promise.all([client.online(), bootstrapped]);
    return client;
  }
}
