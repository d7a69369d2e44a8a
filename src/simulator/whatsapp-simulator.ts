import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { mayConnect } from './loopback-guard.js';
import { ControlApi } from './control/control-api.js';
import { Faults } from './faults.js';
import { CertificateAuthority } from './protocol/certificate-authority.js';
import type { MediaLibrary } from './media-host/media-library.js';
import { MediaServer } from './media-host/media-server.js';
import { type AccountRestriction, Phone } from './phones/phone.js';
import { tellReachoutTimelock } from './server/account-restriction.js';
import { SimulatorServer } from './server/simulator-server.js';
import { FaultRules } from './server/fault-rules.js';
import type { OutageMode } from './server/fault-rules.js';
import { Ledger } from './server/ledger.js';
import { Network } from './server/network.js';
import { Group } from './server/group.js';
import type { SimulatorEventMap } from './simulator-events.js';
import type { NewPhone, SimulatorOptions } from './simulator-options.js';
import { nextEvent } from './next-event.js';

export type { NewPhone, SimulatorOptions } from './simulator-options.js';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/** A WhatsApp network on loopback: a multi-device server that an unmodified client links to by its URL, and phones. */
export class WhatsAppSimulator extends EventEmitter<SimulatorEventMap> {
  readonly ledger: Ledger;
  readonly faults: Faults;
  private readonly authority: CertificateAuthority;
  private readonly network: Network;
  private readonly server: SimulatorServer;
  private readonly http: Server;
  private readonly sockets: WebSocketServer;
  private readonly control: ControlApi;
  private readonly ending = new AbortController();

  private constructor(private readonly options: SimulatorOptions) {
    super();
    this.setMaxListeners(0);
    this.authority = new CertificateAuthority(options.seed);
    this.ledger = new Ledger(options.ledgerLimit ?? 100_000);
    const limits = {
      bootstrap: options.bootstrap ?? true,
      queueLimit: options.queueLimit ?? 100_000,
      pairingCodeLifetimeMs: options.pairingCodeLifetimeMs ?? 180_000,
      qrLifetimeMs: options.qrLifetimeMs ?? 180_000,
    };
    this.network = new Network(limits, this, this.ledger, new FaultRules(), options.log ?? (() => undefined));
    this.server = new SimulatorServer(this.network, this.authority);
    this.faults = new Faults(this.network, this.server.connections, (number) =>
      this.server.pairing.expireCode(number),
    );
    this.control = new ControlApi(this);
    const media = new MediaServer(this.network.media, this.network.faults.media, this);
    this.http = createServer((request, response) =>
      (media.takes(request) ? media : this.control).handle(request, response),
    );
    // Longer than a client that is busy leaves a connection unused.
    this.http.keepAliveTimeout = 60_000;
    this.sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
    });
    this.http.on('upgrade', (request, socket, head) => {
      if (!mayConnect(request)) {
        decline(socket as Socket, '403 Forbidden');
        return;
      }
      const { outage } = this.network.faults;
      if (outage) {
        refuse(socket as Socket, outage);
        return;
      }
      this.sockets.handleUpgrade(request, socket, head, (ws) => this.server.connect(ws));
    });
  }

  /** Starts a network. Rejects when the host is not loopback or the port is taken. */
  static async start(options: SimulatorOptions = {}): Promise<WhatsAppSimulator> {
    const host = options.host ?? '127.0.0.1';
    if (!LOOPBACK.has(host)) {
      throw new Error(`the simulator listens on loopback only, not on ${host}`);
    }
    const simulator = new WhatsAppSimulator(options);
    await new Promise<void>((resolve, reject) => {
      simulator.http.once('error', reject);
      simulator.http.listen(options.port ?? 0, host, resolve);
    });
    simulator.network.mediaHost = simulator.authorityPart;
    return simulator;
  }

  /** What clients take as `waWebSocketUrl`. */
  get url(): string {
    return `ws://${this.authorityPart}/ws/chat`;
  }

  /** Base of the HTTP control API. */
  get controlUrl(): string {
    return `http://${this.authorityPart}/control`;
  }

  /** Origin of the media server: what `https://mmg.whatsapp.net` is in messages is served here. */
  get mediaUrl(): string {
    return `http://${this.authorityPart}`;
  }

  /** The files of the media server: what phones sent and clients uploaded. */
  get media(): MediaLibrary {
    return this.network.media;
  }

  /** Public key (hex) of the root that signs the server's certificate; a strict client trusts this one. */
  get rootPublicKey(): string {
    return this.authority.root.public.toString('hex');
  }

  /** All phones. */
  get phones(): readonly Phone[] {
    return this.network.phones;
  }

  /** Queries without a handler, with counts; empty in a good run. */
  get unknownQueries(): ReadonlyMap<string, number> {
    return this.network.unknownQueries;
  }

  /** Adds a phone. Throws when number or LID are malformed or taken. */
  addPhone(phone: NewPhone): Phone {
    const lid = phone.lid ?? this.makeLid(phone.number);
    if (!/^\d{5,16}$/.test(phone.number) || !/^\d{5,20}$/.test(lid)) {
      throw new Error('number (5 to 16) and lid (5 to 20) are digits only');
    }
    const { seed, inboxLimit = 10_000 } = this.options;
    const added = new Phone(
      { number: phone.number, name: phone.name, lid, inboxLimit, ...(seed !== undefined && { seed }) },
      this.server,
    );
    this.network.add(added);
    return added;
  }

  /**
   * Gives a phone without linked devices another number, as when its owner changes it; the LID stays, and the old number may be
   * given to another phone. Throws when the number is malformed or taken.
   */
  changeNumber(phone: Phone, number: string): void {
    if (!/^\d{5,16}$/.test(number)) {
      throw new Error('number (5 to 16) is digits only');
    }
    this.network.renumber(phone, number);
  }

  /**
   * Limits what an account may send, as WhatsApp does to those who write to too many strangers: messages to whoever did not write
   * before are refused with 463. Undefined lifts it. Its clients are told, and learn it when they ask.
   * @param isTold false: they only learn it when they ask
   */
  restrict(phone: Phone, restriction: AccountRestriction | undefined, isTold = true): void {
    phone.restriction = restriction;
    if (isTold) {
      tellReachoutTimelock(phone);
    }
  }

  /** The phone with a number, if there is one. */
  phone(number: string): Phone | undefined {
    return this.network.phone(number);
  }

  /** Makes a group; the first member created it. Its id is where members write to. */
  addGroup(subject: string, members: readonly Phone[]): Group {
    const group = new Group(subject, members);
    this.network.groups.set(group.id, group);
    group.announces();
    return group;
  }

  /** All groups. */
  get groups(): Group[] {
    return [...this.network.groups.values()];
  }

  /** The group with an id, if there is one. */
  group(id: string): Group | undefined {
    return this.network.groups.get(id);
  }

  /** Waits for the next event that fits; rejects after the timeout (30 s). Call it before what causes the event. */
  next<K extends keyof SimulatorEventMap>(
    event: K,
    filter: (payload: SimulatorEventMap[K][0]) => boolean = () => true,
    timeoutMs = 30_000,
  ): Promise<SimulatorEventMap[K][0]> {
    return nextEvent(this, event, filter, { timeoutMs, signal: this.ending.signal });
  }

  /** Closes every connection and the server; afterwards nothing keeps the process alive. */
  async stop(): Promise<void> {
    this.ending.abort();
    this.server.stop();
    this.sockets.close();
    for (const phone of this.network.phones) {
      phone.inbox.stop();
    }
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    this.http.closeAllConnections();
    await closed;
    await this.network.media.close();
  }

  private get authorityPart(): string {
    const { address, port, family } = this.http.address() as AddressInfo;
    return `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  private makeLid(number: string): string {
    for (let attempt = 0; ; attempt++) {
      const source =
        this.options.seed === undefined
          ? randomBytes(8)
          : Buffer.from(`${this.options.seed}:${number}:${attempt}`);
      const lid = `1${BigInt(`0x${createHash('sha256').update(source).digest('hex').slice(0, 12)}`)
        .toString()
        .padStart(15, '0')
        .slice(0, 14)}`;
      if (!this.network.hasLid(lid)) {
        return lid;
      }
    }
  }
}

function refuse(socket: Socket, mode: OutageMode): void {
  if (mode === 'reset') {
    socket.on('error', () => undefined);
    socket.resetAndDestroy();
    return;
  }
  decline(socket, '503 Service Unavailable');
}

function decline(socket: Socket, status: string): void {
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
