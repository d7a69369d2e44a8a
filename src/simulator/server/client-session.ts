import { SERVER, child, node, unixSeconds } from '../protocol/node.js';
import type { BinaryNode } from '../protocol/node.js';
import type { Phone } from '../phones/phone.js';
import { bootstrap } from './bootstrap.js';
import type { ClientMail } from './client-mail.js';
import type { Connection, ConnectionUser } from './connection.js';
import type { LinkedDevice } from './linked-device.js';
import type { Network } from './network.js';
import type { PostOffice } from './post-office.js';
import { answerQuery } from './queries/query-desk.js';
import type { ReceiptOffice } from './receipt-office.js';

/** The offices a session hands stanzas to. */
export interface Offices {
  readonly network: Network;
  readonly post: PostOffice;
  readonly mail: ClientMail;
  readonly receipts: ReceiptOffice;
  unlink(device: LinkedDevice, reason: string): void;
}

/** A logged-in client on its line. */
export class ClientSession implements ConnectionUser {
  private readonly handlers: Readonly<Record<string, (stanza: BinaryNode) => void>> = {
    iq: (stanza) => this.query(stanza),
    message: (stanza) => this.offices.mail.accept(this.device, stanza),
    receipt: (stanza) => this.offices.receipts.accept(this.device, stanza),
    ack: (stanza) => this.offices.receipts.acknowledge(this.device, stanza),
    presence: (stanza) => this.presence(stanza),
    call: ({ attrs }) =>
      this.connection.send(node('ack', { class: 'call', id: attrs['id'], from: attrs['to'] })),
  };

  constructor(
    private readonly connection: Connection,
    private readonly phone: Phone,
    private readonly device: LinkedDevice,
    private readonly offices: Offices,
  ) {
    connection.label = device.address('pn');
    device.connection = connection;
    connection.send(
      node('success', {
        t: unixSeconds(),
        lid: device.address('lid'),
        props: '27',
        abprops: '1',
        creation: unixSeconds(),
        location: 'sim',
      }),
    );
    const routing = node('routing_info', {}, Buffer.from('simrouting'));
    connection.send(node('ib', { from: SERVER }, [node('edge_routing', {}, [routing])]));
  }

  received(stanza: BinaryNode): void {
    this.handlers[stanza.tag]?.(stanza);
  }

  drained(): void {
    this.device.queue.pump();
  }

  closed(reason: string): void {
    const { device, offices } = this;
    if (device.connection !== this.connection) {
      return;
    }
    device.connection = undefined;
    device.isOnline = false;
    device.queue.close();
    offices.network.events.emit('device.disconnected', { ...offices.network.describe(device), reason });
  }

  private query(iq: BinaryNode): void {
    const { type } = iq.attrs;
    if (type !== 'get' && type !== 'set') {
      return;
    }
    const { network } = this.offices;
    const answer = answerQuery({ iq, network, device: this.device, phone: this.phone });
    if (answer) {
      this.connection.send(answer);
    }
    if (child(iq, 'active')) {
      this.goOnline();
    } else if (child(iq, 'remove-companion-device') && answer?.attrs['type'] === 'result') {
      this.offices.unlink(this.device, 'logged out by the client');
    }
  }

  private goOnline(): void {
    const { device, phone, offices } = this;
    if (device.isOnline) {
      return;
    }
    device.isOnline = true;
    device.queue.open({
      isCongested: () => this.connection.line.congested,
      send: (stanza) => this.connection.send(stanza),
    });
    offices.network.events.emit('device.connected', {
      ...offices.network.describe(device),
      connection: this.connection.id,
    });
    if (!device.bootstrapped && offices.network.options.bootstrap) {
      device.bootstrapped = true;
      bootstrap(offices.network, offices.post, phone, device).catch((error: unknown) =>
        offices.network.log('bootstrap failed', { error: String(error) }),
      );
    }
  }

  private presence({ attrs }: BinaryNode): void {
    if (attrs['type'] === 'available' || attrs['type'] === 'unavailable') {
      this.device.presence = attrs['type'];
    } else if (attrs['type'] === 'subscribe') {
      this.connection.send(node('presence', { from: attrs['to'], type: 'unavailable' }));
    }
  }
}
