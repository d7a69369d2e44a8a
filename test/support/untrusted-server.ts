import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { CertificateAuthority } from '../../src/simulator/protocol/certificate-authority.js';
import { FrameReader, frame } from '../../src/simulator/protocol/frame-reader.js';
import { NoiseResponder } from '../../src/simulator/protocol/noise-responder.js';

const MAX_FRAME_BYTES = 65_536;

/** A server that speaks WhatsApp's handshake, with certificates of a root of its own, and keeps every byte that it is told. */
export class UntrustedServer {
  readonly url: string;
  private readonly authority = new CertificateAuthority();
  private readonly calls: Buffer[][] = [];

  private constructor(private readonly server: WebSocketServer) {
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/chat`;
    server.on('connection', (socket) => this.answer(socket));
  }

  static async start(): Promise<UntrustedServer> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new UntrustedServer(server);
  }

  /** For each connection so far, all that was said on it. */
  get heard(): Buffer[] {
    return this.calls.map((messages) => Buffer.concat(messages));
  }

  /** @returns once nobody is connected any more, after the next has hung up */
  async hungUpOn(): Promise<void> {
    const [socket] = (await once(this.server, 'connection')) as [WebSocket];
    await once(socket, 'close');
  }

  stop(): void {
    this.server.clients.forEach((client) => client.terminate());
    this.server.close();
  }

  private answer(socket: WebSocket): void {
    const { server, chain } = this.authority;
    const noise = new NoiseResponder(server, chain);
    const reader = new FrameReader(MAX_FRAME_BYTES);
    const said: Buffer[] = [];
    this.calls.push(said);
    socket.on('message', (data: Buffer) => {
      said.push(data);
      const [hello] = reader.push(data);
      if (hello && said.length === 1) {
        socket.send(frame(noise.hello(hello)));
      }
    });
  }
}
