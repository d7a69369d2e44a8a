import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A line between a browser and the service that can be cut, and mended. */
export class CuttableLine {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(
    private readonly server: Server,
    port: number,
  ) {
    server.on('connection', (socket) => {
      if (this.isCut) {
        socket.destroy();
        return;
      }
      const other = connect(port, '127.0.0.1');
      for (const [end, far] of [
        [socket, other],
        [other, socket],
      ] as const) {
        this.sockets.add(end);
        end.on('error', () => far.destroy()).on('close', () => this.sockets.delete(end));
        end.pipe(far);
      }
    });
  }

  /** @param url of the service */
  static async to(url: string): Promise<CuttableLine> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CuttableLine(server, Number(new URL(url).port));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.isCut = true;
    this.sockets.forEach((socket) => socket.destroy());
  }

  mend(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}
