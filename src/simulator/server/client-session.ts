import { userAddress } from '../protocol/address.js';
import { SERVER, child, node, unixSeconds } from '../protocol/node.js';
import type { BinaryNode } from '../protocol/node.js';
import type { Phone } from '../phones/phone.js';
import { bootstrap } from './app-state/device-bootstrap.js';
import type { ClientMessageHandler } from './delivery/client-message-handler.js';
import type { Connection, ConnectionHandler } from './connection/connection.js';
import type { LinkedDevice } from './linked-device.js';
import type { Network } from './network.js';
import type { MessageRouter } from './delivery/message-router.js';
import { routeIq } from './iq/iq-router.js';
import type { ReceiptHandler } from './delivery/receipt-handler.js';

const MAX_SUBSCRIPTIONS = 10_000;

/** Where a session hands its stanzas to. */
export interface StanzaHandlers {
  readonly network: Network;
  readonly messages: MessageRouter;
  readonly clientMessages: ClientMessageHandler;
  readonly receipts: ReceiptHandler;
  unlink(device: LinkedDevice, reason: string): void;
}

/** A logged-in client on its connection. */
export class ClientSession implements ConnectionHandler {
  private readonly stanzaHandlers: Readonly<Record<string, (stanza: BinaryNode) => void>> = {
    iq: (stanza) => this.query(stanza),
    message: (stanza) => this.server.clientMessages.handle(this.device, stanza),
    receipt: (stanza) => this.server.receipts.handle(this.device, stanza),
    ack: (stanza) => this.server.receipts.handleAck(this.device, stanza),
    presence: (stanza) => this.presence(stanza),
    chatstate: (stanza) => this.typing(stanza),
    call: ({ attrs }) =>
      this.connection.send(node('ack', { class: 'call', id: attrs['id'], from: attrs['to'] })),
  };

  constructor(
    private readonly connection: Connection,
    private readonly phone: Phone,
    private readonly device: LinkedDevice,
    private readonly server: StanzaHandlers,
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
    this.stanzaHandlers[stanza.tag]?.(stanza);
  }

  drained(): void {
    this.device.queue.pump();
  }

  closed(reason: string): void {
    const { device, server } = this;
    if (device.connection !== this.connection) {
      return;
    }
    device.connection = undefined;
    device.isOnline = false;
    device.queue.close();
    server.network.events.emit('device.disconnected', { ...server.network.describe(device), reason });
  }

  private query(iq: BinaryNode): void {
    const { type } = iq.attrs;
    if (type !== 'get' && type !== 'set') {
      return;
    }
    const { network } = this.server;
    const answer = routeIq({ iq, network, device: this.device, phone: this.phone });
    if (answer) {
      this.connection.send(answer);
    }
    if (child(iq, 'active')) {
      this.goOnline();
    } else if (child(iq, 'remove-companion-device') && answer?.attrs['type'] === 'result') {
      this.server.unlink(this.device, 'logged out by the client');
    }
  }

  private goOnline(): void {
    const { device, phone, server } = this;
    if (device.isOnline) {
      return;
    }
    device.isOnline = true;
    device.queue.open({
      isCongested: () => this.connection.socket.congested,
      send: (stanza) => this.connection.send(stanza),
    });
    server.network.events.emit('device.connected', {
      ...server.network.describe(device),
      connection: this.connection.id,
    });
    if (!device.bootstrapped && server.network.options.bootstrap) {
      device.bootstrapped = true;
      bootstrap(server.network, server.messages, phone, device).catch((error: unknown) =>
        server.network.log('bootstrap failed', { error: String(error) }),
      );
    }
  }

  private typing(stanza: BinaryNode): void {
    const composing = child(stanza, 'composing');
    const state = !composing ? 'paused' : composing.attrs['media'] === 'audio' ? 'recording' : 'composing';
    const to = stanza.attrs['to'] ?? '';
    this.server.network.events.emit('client.typing', { phone: this.phone.number, to, state });
  }

  private presence({ attrs }: BinaryNode): void {
    if (attrs['type'] === 'available' || attrs['type'] === 'unavailable') {
      this.device.presence = attrs['type'];
    } else if (attrs['type'] === 'subscribe') {
      const to = attrs['to'] ?? '';
      if (this.device.subscriptions.size < MAX_SUBSCRIPTIONS) {
        this.device.subscriptions.add(userAddress(to));
      }
      this.server.network.events.emit('client.subscribed', { phone: this.phone.number, to });
      this.connection.send(node('presence', { from: attrs['to'], type: 'unavailable' }));
    }
  }
}
