import type { WebSocket } from 'ws';
import type { CertificateAuthority } from '../protocol/certificate-authority.js';
import { type HandshakeResult, NoiseResponder } from '../protocol/noise-responder.js';
import { formatAddress } from '../protocol/address.js';
import type { Addressing } from '../protocol/address.js';
import { node } from '../protocol/node.js';
import type { Content } from '../phones/message-content.js';
import type { Destination, Phone, PhoneServices, WriteOptions } from '../phones/phone.js';
import type { ReceivedMessage } from '../phones/received-message.js';
import type { SentMessage } from '../phones/sent-message.js';
import { ClientMessageHandler } from './delivery/client-message-handler.js';
import { ClientSession } from './client-session.js';
import type { StanzaHandlers } from './client-session.js';
import { Connection } from './connection/connection.js';
import type { ConnectionHandler } from './connection/connection.js';
import type { LinkedDevice } from './linked-device.js';
import type { Network } from './network.js';
import { MessageRouter } from './delivery/message-router.js';
import { ReceiptHandler } from './delivery/receipt-handler.js';
import { PairingServer } from './pairing/pairing-server.js';

const MAX_CONNECTIONS = 10_000;

/** The server proper: lets connections in, keeps them, and does for phones what only a server can. */
export class SimulatorServer implements PhoneServices, StanzaHandlers {
  readonly connections = new Set<Connection>();
  readonly pairing: PairingServer;
  readonly messages: MessageRouter;
  readonly clientMessages: ClientMessageHandler;
  readonly receipts: ReceiptHandler;
  private connectionsSoFar = 0;

  constructor(
    readonly network: Network,
    private readonly authority: CertificateAuthority,
  ) {
    this.pairing = new PairingServer(network);
    this.messages = new MessageRouter(network);
    this.receipts = new ReceiptHandler(network);
    this.clientMessages = new ClientMessageHandler(network, this.receipts);
  }

  /** Takes a fresh WebSocket. */
  connect(socket: WebSocket): void {
    if (this.connections.size >= MAX_CONNECTIONS) {
      this.network.log('too many connections');
      socket.terminate();
      return;
    }
    const { certificateFlaw } = this.network.faults;
    const { server, chain } = this.authority;
    const shown = certificateFlaw === undefined ? chain : this.authority.chainWith(certificateFlaw);
    const connection = new Connection(
      ++this.connectionsSoFar,
      socket,
      new NoiseResponder(server, shown),
      (accepted, handshake) => this.authenticate(accepted, handshake),
      (ended, reason) => {
        this.connections.delete(ended);
        this.network.log('connection ended', { client: ended.label, reason });
        const { id, frames } = ended;
        this.network.events.emit('connection.ended', { connection: id, reason, frames });
      },
    );
    this.connections.add(connection);
    this.network.events.emit('connection.opened', { connection: connection.id });
  }

  /** Cuts every connection. */
  stop(): void {
    for (const connection of this.connections) {
      connection.destroy('the simulator stopped');
    }
    this.messages.stop();
  }

  scan(phone: Phone, qr: string): Promise<LinkedDevice> {
    return this.pairing.scan(phone, qr);
  }

  typeCode(phone: Phone, code: string): Promise<LinkedDevice> {
    return this.pairing.typeCode(phone, code);
  }

  write(phone: Phone, to: Destination, content: Content, options: WriteOptions): Promise<SentMessage> {
    return this.messages.write(phone, to, content, options);
  }

  sendReceipt(
    phone: Phone,
    message: Pick<ReceivedMessage, 'id' | 'from' | 'addressing'>,
    type: 'read' | 'played',
  ): void {
    const author = this.network.phone(message.from);
    if (author) {
      this.receipts.deliver(phone, { ids: [message.id], to: author, addressing: message.addressing, type });
    }
  }

  askAgain(phone: Phone, author: Phone, id: string, addressing: Addressing): void {
    const { registrationId } = phone.primary;
    for (const to of author.devices) {
      const from = phone.address(addressing);
      this.receipts.requestRetry({ from, recipient: undefined, id, count: 1, registrationId, to });
    }
  }

  showTyping(phone: Phone, to: Phone, state: 'composing' | 'paused', addressing: Addressing): void {
    const from = formatAddress(addressing === 'lid' ? phone.lid : phone.number, addressing);
    for (const device of to.devices) {
      if (device.isOnline) {
        device.connection?.send(node('chatstate', { from }, [node(state)]));
      }
    }
  }

  unlink(device: LinkedDevice, reason = 'unlinked from the phone'): void {
    const phone = this.network.phone(device.account.number);
    if (!phone?.linked.delete(device.device)) {
      return;
    }
    device.unlinked = true;
    const removed = node('conflict', { type: 'device_removed' });
    device.connection?.streamError({ code: '401' }, reason, [removed]);
    device.queue.clear();
    this.network.events.emit('device.unlinked', this.network.describe(device));
  }

  private authenticate(connection: Connection, handshake: HandshakeResult): ConnectionHandler | undefined {
    const { username, device: id, devicePairingData } = handshake.payload;
    if (devicePairingData) {
      return this.pairing.authenticate(connection, handshake);
    }
    const number = String(username ?? '');
    const fault = this.network.faults.takeLogin(number);
    const phone = this.network.phone(number);
    const device = phone?.linked.get(id ?? 0);
    if (fault) {
      connection.refuse(fault, 'refused on demand');
    } else if (!phone || !device || !device.registration.noiseKey.equals(handshake.noiseKey)) {
      connection.refuse({ reason: '401' }, 'unknown device or wrong noise key');
    } else {
      device.connection?.streamError({}, 'replaced', [node('conflict', { type: 'replaced' })]);
      return new ClientSession(connection, phone, device, this);
    }
    return undefined;
  }
}
