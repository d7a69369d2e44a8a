import { appendFileSync } from 'node:fs';

/** What happened when, in a file, for whoever has to find out why. */
export class Timeline {
  readonly path: string;
  private readonly startedAt = Date.now();

  constructor(path: string) {
    this.path = path;
  }

  /** Adds a line. */
  note(what: string, details: Record<string, unknown> = {}): void {
    const now = Date.now();
    const line = { at: new Date(now).toISOString(), ms: now - this.startedAt, what, ...details };
    appendFileSync(this.path, `${JSON.stringify(line)}\n`);
  }
}
