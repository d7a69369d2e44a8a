import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** First byte of a WebSocket close frame: a goodbye, which confirms nothing. */
const CLOSE_FRAME = 0x88;

/** A connection of a node to WhatsApp. */
interface Line {
  node: Socket;
  whatsapp: Socket;
  /** Bytes that the node said, goodbyes aside. */
  said: number;
}

/**
 * The only way of one node to WhatsApp. It counts what the node says, and can leave the node in the belief that its lines
 * are open when WhatsApp has closed them: then nothing but the node itself keeps it from going on.
 */
export class Gate {
  readonly url: string;
  private readonly server: Server;
  private readonly lines = new Set<Line>();
  private cutOff = new Set<Line>();

  private constructor(server: Server, target: URL) {
    this.server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}${target.pathname}`;
    server.on('connection', (node) => this.opened(node, target));
  }

  /** @param target WebSocket address of WhatsApp */
  static async open(target: string): Promise<Gate> {
    const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Gate(server, new URL(target));
  }

  /** From now on the node hears nothing more on the lines that are open now, not even that they end. */
  cutOffLines(): void {
    this.cutOff = new Set(this.lines);
    for (const { node, whatsapp } of this.cutOff) {
      whatsapp.unpipe(node);
      whatsapp.resume();
    }
  }

  /** Bytes that the node said up to now on lines that are cut off. */
  get saidOnCutOff(): number {
    return [...this.cutOff].reduce((sum, { said }) => sum + said, 0);
  }

  /** Lines that are cut off, and that the node has not closed yet. */
  get openCutOff(): number {
    return [...this.cutOff].filter((line) => this.lines.has(line)).length;
  }

  close(): void {
    this.server.close();
    this.lines.forEach(({ node }) => node.destroy());
  }

  private opened(node: Socket, target: URL): void {
    const whatsapp = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    const line: Line = { node, whatsapp, said: 0 };
    this.lines.add(line);
    node.on('data', (chunk: Buffer) => {
      line.said += chunk[0] === CLOSE_FRAME ? 0 : chunk.length;
      whatsapp.write(chunk);
    });
    whatsapp.pipe(node, { end: false });
    whatsapp.on('error', () => undefined);
    whatsapp.on('close', () => {
      if (!this.cutOff.has(line)) {
        node.end();
      }
    });
    node.on('error', () => undefined);
    node.on('close', () => {
      this.lines.delete(line);
      whatsapp.destroy();
    });
  }
}
