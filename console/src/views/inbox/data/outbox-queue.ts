import { ApiError } from '../../../api/api-error.ts';
import { randomId } from '../../../api/random-id.ts';
import type { Attachment } from '../composer/attachments.ts';

interface Written {
  organizationId: string;
  contactId: string;
  /** The newest of its kind in the conversation when it was written. */
  afterId: string | undefined;
}

/** A message that is to be sent. */
export interface MessageDraft extends Written {
  kind: 'message';
  /** Of the number that it goes from. */
  instanceId: string;
  to: string;
  /** With a file its caption. */
  text?: string | undefined;
  file?: { blob: Blob; name: string; type: Attachment['type'] };
  replyTo?: { id: string; content: string };
}

/** A note that is to be stored, which the contact sees nothing of. */
export interface NoteDraft extends Written {
  kind: 'note';
  text: string;
  file?: undefined;
  replyTo?: undefined;
}

export type Draft = MessageDraft | NoteDraft;

interface Way {
  /** Under which the service takes it once. */
  key: string;
  /** `waiting` for the line; `stored`: the service has it; `failed`: the service refused it. */
  state: 'waiting' | 'sending' | 'stored' | 'failed';
  at: string;
  /** Of the message or the note that it became. */
  storedId?: string;
  /** How much of its file is there, of 1. */
  progress?: number | undefined;
  /** Undefined for one that failed since it waited too long. */
  error?: unknown;
}

/** Something that is on its way. */
export type Outgoing = Draft & Way;

/**
 * Brings one to the service.
 * @returns the id of the message or the note that it became
 * @throws ApiError as the service says it
 */
export type Deliver = (outgoing: Outgoing, onProgress: (part: number | undefined) => void) => Promise<string>;

/** A line that is down is tried as long as it takes; a service that can not do it for now so often. */
const MAX_TRIES = 5;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 10_000;
/** The conversation shows it long before, if somebody looks at it. */
const STORED_MS = 5 * 60_000;

const CAPTIONED: ReadonlySet<Attachment['type']> = new Set(['image', 'video', 'document']);
/** Of WhatsApp. */
const MAX_CAPTION = 1_024;

interface Line {
  tries: number;
  isBusy: boolean;
  timer?: ReturnType<typeof setTimeout> | undefined;
}

/**
 * What is on its way: of each contact the messages one after the other, in the order in which they were written, and so the notes. While the service does not answer it waits
 * and is tried again under the same key; what the service refuses stays until somebody tries it again or removes it.
 */
export class OutboxQueue {
  private list: readonly Outgoing[] = [];
  private readonly lines = new Map<string, Line>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly deliver: Deliver) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** @returns all of it, in the order of writing: the same list as long as nothing changes */
  readonly snapshot = (): readonly Outgoing[] => this.list;

  /** Has it sent. A text that its file can not have as a caption goes after it. */
  send(draft: Draft): void {
    for (const part of partsOf(draft)) {
      const isWaiting = this.list.some((one) => isSameLine(one, part) && one.state === 'waiting');
      const outgoing: Outgoing = {
        ...part,
        key: randomId(),
        state: isWaiting ? 'waiting' : 'sending',
        at: new Date().toISOString(),
      };
      this.become([...this.list, outgoing]);
      this.go(lineOf(outgoing));
    }
  }

  /** Goes on with what was on its way before the page was loaded again. */
  restore(outgoing: readonly Outgoing[]): void {
    this.become([...this.list, ...outgoing]);
    new Set(outgoing.map(lineOf)).forEach((name) => this.go(name));
  }

  /** Tries one again that failed. */
  retry(key: string): void {
    const failed = this.list.find((one) => one.key === key && one.state === 'failed');
    if (failed !== undefined) {
      this.update(key, { state: 'sending', error: undefined });
      this.go(lineOf(failed));
    }
  }

  /** Removes what was stored, or shall not be sent any more. */
  drop(keys: readonly string[]): void {
    if (keys.length > 0) {
      this.become(this.list.filter(({ key }) => !keys.includes(key)));
    }
  }

  /** Nothing of it is sent any more. */
  clear(): void {
    this.lines.forEach(({ timer }) => clearTimeout(timer));
    this.lines.clear();
    this.become([]);
  }

  /** The line is back: what waits is tried now. */
  wake(): void {
    for (const [name, line] of this.lines) {
      if (line.timer !== undefined) {
        clearTimeout(line.timer);
        line.timer = undefined;
        this.go(name);
      }
    }
  }

  private go(name: string): void {
    const line = this.lines.get(name) ?? { tries: 0, isBusy: false };
    this.lines.set(name, line);
    if (!line.isBusy && line.timer === undefined) {
      void this.work(name, line);
    }
  }

  private async work(name: string, line: Line): Promise<void> {
    line.isBusy = true;
    for (let next = this.nextOf(name); next !== undefined; next = this.nextOf(name)) {
      const { key } = next;
      try {
        const storedId = await this.deliver(next, (progress) => this.update(key, { progress }));
        line.tries = 0;
        this.settle(name, key, storedId);
      } catch (error) {
        this.update(key, { progress: undefined });
        if (this.lines.get(name) === line && this.isToBeTriedAgain(error, line)) {
          this.wait(name, line);
          return;
        }
        line.tries = 0;
        this.update(key, { state: 'failed', error });
      }
      // Cleared meanwhile: what was written since goes its own way.
      if (this.lines.get(name) !== line) {
        return;
      }
    }
    this.lines.delete(name);
  }

  private settle(name: string, key: string, storedId: string): void {
    const others = this.list.map((one) =>
      lineOf(one) === name && one.state === 'waiting' ? { ...one, state: 'sending' as const } : one,
    );
    this.become(others);
    this.update(key, { state: 'stored', storedId, progress: undefined });
    setTimeout(() => this.drop([key]), STORED_MS);
  }

  private isToBeTriedAgain(error: unknown, line: Line): boolean {
    if (!(error instanceof ApiError) || !error.isPassing) {
      return false;
    }
    line.tries += 1;
    return error.code === 'network' || line.tries < MAX_TRIES;
  }

  private wait(name: string, line: Line): void {
    this.become(
      this.list.map((one) =>
        lineOf(one) === name && one.state === 'sending' ? { ...one, state: 'waiting' } : one,
      ),
    );
    line.isBusy = false;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (line.tries - 1), MAX_PAUSE_MS);
    line.timer = setTimeout(() => {
      line.timer = undefined;
      this.go(name);
    }, pause);
  }

  private nextOf(name: string): Outgoing | undefined {
    return this.list.find(
      (one) => lineOf(one) === name && (one.state === 'sending' || one.state === 'waiting'),
    );
  }

  private update(key: string, change: Partial<Way>): void {
    if (this.list.some((one) => one.key === key)) {
      this.become(this.list.map((one) => (one.key === key ? { ...one, ...change } : one)));
    }
  }

  private become(list: readonly Outgoing[]): void {
    this.list = list;
    this.listeners.forEach((listener) => listener());
  }
}

function partsOf(draft: Draft): Draft[] {
  if (draft.kind === 'note' || draft.file === undefined || draft.text === undefined || draft.text === '') {
    return [draft];
  }
  const { file, replyTo: _replyTo, ...words } = draft;
  const isCaption = CAPTIONED.has(file.type) && draft.text.length <= MAX_CAPTION;
  return isCaption ? [draft] : [{ ...draft, text: undefined }, words];
}

/** A note does not wait for what WhatsApp does not take. */
function lineOf({ organizationId, contactId, kind }: Draft): string {
  return `${organizationId} ${contactId} ${kind}`;
}

function isSameLine(one: Draft, other: Draft): boolean {
  return lineOf(one) === lineOf(other);
}
