import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** First byte of a WebSocket close frame: a goodbye, which confirms nothing. */
const CLOSE_FRAME = 0x88;

/** A connection of a node to WhatsApp. */
interface ProxiedConnection {
  node: Socket;
  whatsapp: Socket;
  /** Bytes that the node said, goodbyes aside. */
  said: number;
}

/**
 * The only way of one node to WhatsApp. It counts what the node says, and can leave the node in the belief that its connections
 * are open when WhatsApp has closed them: then nothing but the node itself keeps it from going on.
 */
export class WhatsAppProxy {
  readonly url: string;
  private readonly server: Server;
  private readonly connections = new Set<ProxiedConnection>();
  private cutOff = new Set<ProxiedConnection>();

  private constructor(server: Server, target: URL) {
    this.server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}${target.pathname}`;
    server.on('connection', (node) => this.opened(node, target));
  }

  /** @param target WebSocket address of WhatsApp */
  static async open(target: string): Promise<WhatsAppProxy> {
    const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new WhatsAppProxy(server, new URL(target));
  }

  /** From now on the node hears nothing more on the connections that are open now, not even that they end. */
  cutOffConnections(): void {
    this.cutOff = new Set(this.connections);
    for (const { node, whatsapp } of this.cutOff) {
      whatsapp.unpipe(node);
      whatsapp.resume();
    }
  }

  /** Bytes that the node said up to now on connections that are cut off. */
  get saidOnCutOff(): number {
    return [...this.cutOff].reduce((sum, { said }) => sum + said, 0);
  }

  /** Connections that are cut off, and that the node has not closed yet. */
  get openCutOff(): number {
    return [...this.cutOff].filter((connection) => this.connections.has(connection)).length;
  }

  close(): void {
    this.server.close();
    this.connections.forEach(({ node }) => node.destroy());
  }

  private opened(node: Socket, target: URL): void {
    const whatsapp = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    const connection: ProxiedConnection = { node, whatsapp, said: 0 };
    this.connections.add(connection);
    node.on('data', (chunk: Buffer) => {
      connection.said += chunk[0] === CLOSE_FRAME ? 0 : chunk.length;
      whatsapp.write(chunk);
    });
    whatsapp.pipe(node, { end: false });
    whatsapp.on('error', () => undefined);
    whatsapp.on('close', () => {
      if (!this.cutOff.has(connection)) {
        node.end();
      }
    });
    node.on('error', () => undefined);
    node.on('close', () => {
      this.connections.delete(connection);
      whatsapp.destroy();
    });
  }
}
