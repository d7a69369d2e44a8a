/** Lines that one place did not take. */
export interface Drop {
  /** Where they would have gone. */
  place: 'file' | 'stdout';
  /** How many so far. */
  dropped: number;
  /** When it began. */
  since: Date;
  /** Code of the error that the place gave, or `SLOW` where it is not read fast enough. */
  reason: string;
}

/** Who is told of drops. */
export interface DropListener {
  /** Lines are dropped from now on. */
  onDropping(drop: Readonly<Drop>): void;
  /** @returns the line that says how many were dropped, for where they are missing */
  noticeOf(drop: Readonly<Drop>): string;
}

/** Counts the lines that a place did not take. */
export class Drops {
  /** Of the whole life of the process. */
  total = 0;
  private now: Drop | undefined;

  constructor(
    private readonly place: Drop['place'],
    private readonly listener: DropListener,
  ) {}

  /** Undefined while all lines are taken. */
  get current(): Readonly<Drop> | undefined {
    return this.now;
  }

  /** One more. */
  add(reason: string): void {
    this.total += 1;
    const isFirst = this.now === undefined;
    this.now ??= { place: this.place, dropped: 0, since: new Date(), reason };
    this.now.dropped += 1;
    this.now.reason = reason;
    if (isFirst) {
      this.listener.onDropping(this.now);
    }
  }

  /** @returns the line that says so, where there were any */
  get notice(): string | undefined {
    return this.now && this.listener.noticeOf(this.now);
  }

  /** The notice was taken: the place works again. */
  end(): void {
    this.now = undefined;
  }
}

/** @returns the code of an error of the system */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
}
