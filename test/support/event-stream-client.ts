/** One event of a stream of server-sent events, as the standard tells to read it. */
export interface StreamedEvent {
  id: string;
  event: string;
  data: string;
}

/** Reads server-sent events with nothing but `fetch`, so that a token can be sent. */
export class EventStreamClient {
  readonly events: StreamedEvent[] = [];
  readonly comments: string[] = [];
  lastEventId = '';
  private readonly leaving: AbortController;
  private readonly waiters = new Set<() => void>();
  private isOver = false;

  private constructor(
    readonly response: Response,
    leaving: AbortController,
  ) {
    this.leaving = leaving;
  }

  /** @returns a client to whom the service has answered, whatever its answer */
  static async open(url: string, headers: Record<string, string> = {}): Promise<EventStreamClient> {
    const leaving = new AbortController();
    const response = await fetch(url, {
      headers: { accept: 'text/event-stream', ...headers },
      signal: leaving.signal,
    });
    const client = new EventStreamClient(response, leaving);
    if (response.ok) {
      void client.read();
    }
    return client;
  }

  /** @returns once something is so, or the stream is over */
  async until(isMet: () => boolean): Promise<void> {
    while (!isMet() && !this.isOver) {
      await new Promise<void>((resolve) => this.waiters.add(resolve));
    }
  }

  /** @returns the sequences of the events so far */
  get sequences(): number[] {
    return this.events.map(({ id }) => Number(id));
  }

  async ended(): Promise<void> {
    await this.until(() => false);
  }

  close(): void {
    this.leaving.abort();
  }

  private async read(): Promise<void> {
    let text = '';
    try {
      for await (const chunk of this.response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const blocks = text.split('\n\n');
        text = blocks.pop()!;
        blocks.forEach((block) => this.take(block));
        this.tell();
      }
    } catch {
      // Cut off: by the service, or by this side.
    }
    this.isOver = true;
    this.tell();
  }

  private take(block: string): void {
    const fields: Record<string, string> = {};
    for (const line of block.split('\n')) {
      const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line)!;
      if (name === '') {
        this.comments.push(value!);
      } else {
        fields[name!] = value!;
      }
    }
    this.lastEventId = fields['id'] ?? this.lastEventId;
    if (fields['data'] !== undefined) {
      const { event = 'message', data } = fields;
      this.events.push({ id: this.lastEventId, event, data });
    }
  }

  private tell(): void {
    this.waiters.forEach((tell) => tell());
    this.waiters.clear();
  }
}
