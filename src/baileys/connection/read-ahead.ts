/** What waiting stanzas may take: of one connection, and of all connections of the process, in bytes. */
const CONNECTION_BYTES = 8 * 1024 * 1024;
const PROCESS_BYTES = 64 * 1024 * 1024;

/** All connections of the process. */
const wholeProcess = { bytes: 0 };

/** What the stanzas of one connection that wait for their turn take in memory, and whether there is room for more. */
export class ReadAhead {
  private bytes = 0;

  constructor(
    private readonly all: { bytes: number } = wholeProcess,
    private readonly limits = { connection: CONNECTION_BYTES, all: PROCESS_BYTES },
  ) {}

  /** Too much waits: read no further. */
  get isFull(): boolean {
    return this.bytes > this.limits.connection || this.all.bytes > this.limits.all;
  }

  /** So much of it is done that reading may go on. */
  get hasRoom(): boolean {
    return this.bytes <= this.limits.connection / 2 && this.all.bytes <= this.limits.all;
  }

  add(bytes: number): void {
    this.bytes += bytes;
    this.all.bytes += bytes;
  }

  remove(bytes: number): void {
    this.add(-bytes);
  }

  clear(): void {
    this.remove(this.bytes);
  }
}
