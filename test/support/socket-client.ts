import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';

/** One event as a subscriber received it. */
export interface ReceivedEvent {
  name: string;
  payload: Record<string, unknown>;
}

interface Waiter {
  isMet: () => boolean;
  resolve: () => void;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** A Socket.IO subscriber as a frontend would be, which remembers everything that it receives. */
export class SocketClient {
  readonly events: ReceivedEvent[] = [];
  readonly socket: Socket;
  private waiters: Waiter[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.onAny((name: string, payload: Record<string, unknown>) => {
      this.events.push({ name, payload });
      this.waiters = this.waiters.filter((waiter) => {
        const isMet = waiter.isMet();
        if (isMet) {
          waiter.resolve();
        }
        return !isMet;
      });
    });
  }

  /**
   * @param url of the service
   * @returns a connected client that has joined nothing
   * @throws the `connect_error`, whose `data` says why the service refused
   */
  static connect(url: string, options: Partial<ManagerOptions & SocketOptions> = {}): Promise<SocketClient> {
    const socket = io(url, { forceNew: true, reconnection: false, transports: ['websocket'], ...options });
    const client = new SocketClient(socket);
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(client));
      socket.once('connect_error', (error) => {
        socket.close();
        reject(error);
      });
    });
  }

  /** Connects and joins one organization. */
  static async join(
    url: string,
    organizationId: string,
    options: Partial<ManagerOptions & SocketOptions> = {},
  ): Promise<SocketClient> {
    const client = await SocketClient.connect(url, options);
    await client.call('join-organization', organizationId);
    return client;
  }

  /** Sends an event and returns its acknowledgement. */
  call(name: string, ...args: unknown[]): Promise<Record<string, unknown>> {
    return this.socket.timeout(DEFAULT_TIMEOUT_MS).emitWithAck(name, ...args) as Promise<
      Record<string, unknown>
    >;
  }

  /** @returns the payloads of one event so far, in order */
  payloads(name: string): Record<string, unknown>[] {
    return this.events.filter((event) => event.name === name).map((event) => event.payload);
  }

  /**
   * @param count how many events of this name to wait for, from the beginning
   * @returns their payloads, in order
   * @throws Error when they did not come in time
   */
  async waitFor(name: string, count = 1, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<Record<string, unknown>[]> {
    const isMet = () => this.payloads(name).length >= count;
    if (!isMet()) {
      await this.untilMet(isMet, `${count} × ${name}`, timeoutMs);
    }
    return this.payloads(name).slice(0, count);
  }

  /** @returns once the service, or this client, ended the connection */
  async disconnected(): Promise<void> {
    if (this.socket.connected) {
      await new Promise((resolve) => this.socket.once('disconnect', resolve));
    }
  }

  close(): void {
    this.socket.close();
  }

  private untilMet(isMet: () => boolean, what: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const seen = this.events.map((event) => event.name).join(', ') || 'nothing';
        reject(new Error(`waited ${timeoutMs} ms for ${what}; received ${seen}`));
      }, timeoutMs);
      this.waiters.push({
        isMet,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  }
}
