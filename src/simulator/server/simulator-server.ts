import { proto } from '@whiskeysockets/baileys';
import type { WebSocket } from 'ws';
import type { CertificateAuthority } from '../protocol/certificate-authority.js';
import { type HandshakeResult, NoiseResponder } from '../protocol/noise-responder.js';
import { formatAddress } from '../protocol/address.js';
import type { Addressing } from '../protocol/address.js';
import { node, stanzaId, unixSeconds } from '../protocol/node.js';
import type { BinaryNode } from '../protocol/node.js';
import { encodeHistory, type HistoryChat, type HistoryOptions } from '../phones/history.js';
import type { Content } from '../phones/message-content.js';
import type {
  CallOptions,
  Destination,
  OwnReceiptType,
  OwnRead,
  Phone,
  PhoneServices,
  TypingState,
  WriteOptions,
} from '../phones/phone.js';
import { SpoiltMedia } from '../media-host/media-cipher.js';
import { changeOf } from '../phones/received-change.js';
import type { ReceivedChange } from '../phones/received-change.js';
import { fileOf } from '../phones/received-file.js';
import type { ChangingMessage, ReceivedMessage } from '../phones/received-message.js';
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
    type: 'read' | 'played' | undefined,
  ): void {
    const author = this.network.phone(message.from);
    if (author) {
      const { id, addressing } = message;
      this.receipts.deliver(phone, { ids: [id], to: author, addressing, ...(type && { type }) });
    }
  }

  sendOwnReceipt(phone: Phone, { id, from, addressing = 'lid' }: OwnRead, type: OwnReceiptType): void {
    const chat = this.network.phone(from)?.address(addressing);
    if (chat) {
      this.receipts.deliverOwn(phone, { ids: [id], chat, type });
    }
  }

  call(phone: Phone, to: Phone, { video, end, addressing }: Required<CallOptions>): string {
    const callId = stanzaId();
    const from = phone.address(addressing);
    const creator = { 'call-id': callId, 'call-creator': from, caller_pn: phone.address('pn') };
    const media = node(video ? 'video' : 'audio', { enc: 'opus', rate: '16000' });
    const ring = (content: BinaryNode): void =>
      this.sendStanza(to, node('call', { from, id: stanzaId(), t: unixSeconds() }, [content]));
    ring(node('offer', creator, [media]));
    if (end === 'reject') {
      ring(node('reject', creator));
    } else if (end !== 'none') {
      ring(node('terminate', { ...creator, reason: end === 'timeout' ? 'timeout' : undefined }));
    }
    return callId;
  }

  sendStanza(to: Phone, stanza: BinaryNode): void {
    for (const device of to.devices) {
      device.queue.push({ stanza });
    }
  }

  async *openFile(message: Pick<ReceivedMessage, 'id' | 'message'>): AsyncGenerator<Buffer> {
    const file = fileOf(message.message);
    if (!file) {
      throw new SpoiltMedia(`message ${message.id} has no file`);
    }
    yield* this.network.media.open(file.kind, file.source);
  }

  readChange(phone: Phone, message: ChangingMessage): ReceivedChange | undefined {
    const known = (id: string): ReceivedMessage | undefined =>
      phone.received.findLast((each) => each.id === id);
    const author = this.network.phone(message.from);
    const other = message.fromMe ? this.network.phone(message.chat) : phone;
    return changeOf(message.message, {
      changer: author?.address(message.addressing) ?? '',
      receiver: other?.address(message.addressing) ?? '',
      message: (id) => known(id)?.message ?? this.network.ledger.find(phone.number, id)?.message,
      secret: (id) =>
        this.network.ledger.find(phone.number, id)?.secret ??
        known(id)?.message.messageContextInfo?.messageSecret ??
        undefined,
    });
  }

  askAgain(phone: Phone, author: Phone, id: string, addressing: Addressing): void {
    const { registrationId } = phone.primary;
    for (const to of author.devices) {
      const from = phone.address(addressing);
      this.receipts.requestRetry({ from, recipient: undefined, id, count: 1, registrationId, to });
    }
  }

  async handOver(
    phone: Phone,
    device: LinkedDevice,
    chats: readonly HistoryChat[],
    options: HistoryOptions,
  ): Promise<SentMessage> {
    const deflated = encodeHistory(chats, options);
    const { lifetimeMs } = options;
    const file = options.isInline
      ? { initialHistBootstrapInlinePayload: deflated }
      : await this.network.media.store('history', deflated, lifetimeMs === undefined ? {} : { lifetimeMs });
    return this.writePeer(phone, device, {
      protocolMessage: {
        type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
        historySyncNotification: {
          ...file,
          syncType: (options.syncType ?? proto.HistorySync.HistorySyncType.RECENT) as number,
          chunkOrder: options.chunkOrder ?? 1,
          progress: options.progress ?? 100,
          ...(options.requestId !== undefined && { peerDataRequestSessionId: options.requestId }),
        },
      },
    });
  }

  writePeer(phone: Phone, device: LinkedDevice, message: proto.IMessage): Promise<SentMessage> {
    return this.messages.writePeer(phone, device, message);
  }

  showPresence(phone: Phone, isOnline: boolean, lastSeen?: Date): void {
    const last = lastSeen && unixSeconds(lastSeen);
    for (const { devices } of this.network.phones) {
      for (const device of devices) {
        for (const from of [phone.address('pn'), phone.address('lid')]) {
          if (device.isOnline && device.subscriptions.has(from)) {
            const attrs = { from, type: isOnline ? undefined : 'unavailable', last };
            device.connection?.send(node('presence', attrs));
          }
        }
      }
    }
  }

  showTyping(phone: Phone, to: Phone, state: TypingState, addressing: Addressing): void {
    const from = formatAddress(addressing === 'lid' ? phone.lid : phone.number, addressing);
    const shown = state === 'recording' ? node('composing', { media: 'audio' }) : node(state);
    for (const device of to.devices) {
      if (device.isOnline) {
        device.connection?.send(node('chatstate', { from }, [shown]));
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
