/** So much is kept of what nobody shows any more. */
const MAX_BYTES = 64_000_000;

interface Entry {
  url: Promise<string>;
  abort: AbortController;
  users: number;
  /** Once it is here. */
  file?: { url: string; size: number };
}

/** A file that somebody shows, until it is released. */
export interface FileUse {
  url: Promise<string>;
  release: () => void;
}

/**
 * Files as addresses that a page can show. One that several show is read once; one that nobody waits for any more is not read on; what
 * nobody shows is kept up to a bound, the latest longest.
 */
export class FileCache {
  /** The longest unused first. */
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly read: (path: string, signal: AbortSignal) => Promise<Blob>,
    private readonly maxBytes = MAX_BYTES,
  ) {}

  /** @returns the file; `url` fails as reading it does, which the next one who takes it tries again */
  take(path: string): FileUse {
    const entry = this.entries.get(path) ?? this.begin(path);
    entry.users += 1;
    let isReleased = false;
    return {
      url: entry.url,
      release: () => {
        if (!isReleased) {
          isReleased = true;
          entry.users -= 1;
          this.leave(path, entry);
        }
      },
    };
  }

  /** Forgets all files: those that are shown as soon as they are released. */
  clear(): void {
    const all = [...this.entries.values()];
    this.entries.clear();
    all.filter(({ users }) => users === 0).forEach(end);
  }

  private begin(path: string): Entry {
    const abort = new AbortController();
    const entry: Entry = { abort, users: 0, url: Promise.resolve('') };
    entry.url = this.read(path, abort.signal).then(
      (blob) => {
        entry.file = { url: URL.createObjectURL(blob), size: blob.size };
        if (entry.users === 0) {
          this.leave(path, entry);
        }
        return entry.file.url;
      },
      (error: unknown) => {
        this.forget(path, entry);
        throw error;
      },
    );
    // Who waits for it is told; that nobody does is no fault.
    entry.url.catch(() => undefined);
    this.entries.set(path, entry);
    return entry;
  }

  /** Somebody shows it no more. */
  private leave(path: string, entry: Entry): void {
    if (entry.users > 0) {
      return;
    }
    if (this.entries.get(path) !== entry || entry.file === undefined) {
      this.forget(path, entry);
      end(entry);
      return;
    }
    this.entries.delete(path);
    this.entries.set(path, entry);
    let bytes = [...this.entries.values()].reduce((sum, { file }) => sum + (file?.size ?? 0), 0);
    for (const [at, one] of this.entries) {
      if (bytes <= this.maxBytes) {
        break;
      }
      if (one.users === 0 && one.file !== undefined) {
        bytes -= one.file.size;
        this.forget(at, one);
        end(one);
      }
    }
  }

  private forget(path: string, entry: Entry): void {
    if (this.entries.get(path) === entry) {
      this.entries.delete(path);
    }
  }
}

function end({ abort, file }: Entry): void {
  abort.abort();
  if (file !== undefined) {
    URL.revokeObjectURL(file.url);
  }
}
