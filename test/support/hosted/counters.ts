import type { Socket } from 'node:net';

const MOST_URLS = 20_000;
const MOST_CALLS = 20_000;

/** A request, and when it was under way. */
export interface HostedCall {
  /** By method and path, e.g. `POST rpc/ingest_inbox`. */
  name: string;
  startedAt: number;
  /** Infinity while there is no answer. */
  endedAt: number;
}

/** What a project was asked, and what it said. */
export class Counters {
  /** By method and path, e.g. `POST rpc/ingest_inbox`. */
  readonly requests = new Map<string, number>();
  /** By status. */
  readonly statuses = new Map<number, number>();
  /** Paths with their queries, as a host logs them; the latest ones. */
  readonly urls = new Set<string>();
  /** In the order in which they came; the latest ones. */
  readonly calls: HostedCall[] = [];
  /** Requests that were under way at once, at most. */
  mostParallel = 0;
  connections = 0;
  private parallel = 0;
  private closedBytesIn = 0;
  private closedBytesOut = 0;
  private readonly open = new Set<Socket>();

  get total(): number {
    return [...this.requests.values()].reduce((sum, count) => sum + count, 0);
  }

  /** With headers. */
  get bytesIn(): number {
    return [...this.open].reduce((sum, socket) => sum + socket.bytesRead, this.closedBytesIn);
  }

  get bytesOut(): number {
    return [...this.open].reduce((sum, socket) => sum + socket.bytesWritten, this.closedBytesOut);
  }

  /** Begins to count again; what is under way stays. */
  reset(): void {
    this.requests.clear();
    this.statuses.clear();
    this.urls.clear();
    this.calls.length = 0;
    this.mostParallel = this.parallel;
    this.connections = this.open.size;
    this.closedBytesIn -= this.bytesIn;
    this.closedBytesOut -= this.bytesOut;
  }

  /** @internal */
  connected(socket: Socket): void {
    this.connections += 1;
    this.open.add(socket);
    socket.once('close', () => {
      this.open.delete(socket);
      this.closedBytesIn += socket.bytesRead;
      this.closedBytesOut += socket.bytesWritten;
    });
  }

  /** @internal */
  began(name: string, url: string): HostedCall {
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
    this.urls.delete(url);
    this.urls.add(url);
    if (this.urls.size > MOST_URLS) {
      this.urls.delete(this.urls.values().next().value ?? '');
    }
    this.parallel += 1;
    this.mostParallel = Math.max(this.mostParallel, this.parallel);
    const call: HostedCall = { name, startedAt: performance.now(), endedAt: Infinity };
    this.calls.push(call);
    if (this.calls.length > MOST_CALLS) {
      this.calls.shift();
    }
    return call;
  }

  /** @internal */
  ended(call: HostedCall, status: number): void {
    call.endedAt = performance.now();
    this.parallel -= 1;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }
}
