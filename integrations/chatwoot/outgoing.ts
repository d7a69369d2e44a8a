import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf } from '../common/contact-address.ts';
import { CallError } from '../common/http-json.ts';
import type { ServiceClient } from '../common/service-client.ts';
import type { Contact, Sent } from '../common/service-types.ts';
import type { AgentFiles } from './agent-files.ts';
import type { BridgeState, Outgoing as Message } from './bridge-state.ts';
import type { ChatwootClient } from './chatwoot-client.ts';
import { serviceIdOf } from './contact-conversations.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { log } from './log.ts';

const DAY_MS = 86_400_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A status may be told before the answer of the call that sent is here. */
const STATUS_WAIT_MS = 8000;
/** Statuses that are no fault of the message: the same call may succeed later. */
const LATER = new Set(['instance_not_connected', 'instance_not_responding']);

/** As many characters as a caption may have. */
const CAPTION_CHARS = 1024;
const TYPES: Readonly<Record<string, string>> = { image: 'image', audio: 'audio', video: 'video' };

/** Sends what agents write, in order for each conversation, and each message once: its key is Chatwoot's id of it. */
export class Outgoing {
  private readonly queue = new KeyedQueue();
  private readonly service: ServiceClient;
  private readonly chatwoot: ChatwootClient;
  private readonly files: AgentFiles;
  private readonly state: BridgeState;
  private readonly names: { instanceId: string; accountId: number };
  private readonly stopped: AbortSignal;

  /** @param stopped ends what waits; it goes on at the next start */
  constructor(
    service: ServiceClient,
    chatwoot: ChatwootClient,
    files: AgentFiles,
    state: BridgeState,
    names: { instanceId: string; accountId: number },
    stopped: AbortSignal,
  ) {
    this.service = service;
    this.chatwoot = chatwoot;
    this.files = files;
    this.state = state;
    this.names = names;
    this.stopped = stopped;
  }

  /** Goes on with what waited when the bridge ended. */
  resume(): void {
    for (const message of this.state.waiting()) {
      this.enqueue(message);
    }
  }

  /** Takes a message of an agent: it is stored when this returns, and sent in the background. */
  take(message: Message): void {
    if (this.state.add(message)) {
      this.enqueue(message);
    }
  }

  /** @returns once no send is under way, or some seconds later */
  async settled(): Promise<void> {
    await Promise.race([this.queue.idle(), sleep(STATUS_WAIT_MS, undefined, { ref: false })]);
  }

  private enqueue(message: Message): void {
    if (message.failure === undefined) {
      this.inBackground(message, message.conversationId, () => this.bring(message));
    } else {
      this.tellFailure(message, message.failure);
    }
  }

  private inBackground({ id }: Message, key: string | number, task: () => Promise<void>): void {
    void this.queue.run(key, task).catch((error: unknown) => {
      if (!this.stopped.aborted) {
        log('ERROR', 'a message of an agent waits for the next start', { id, error: String(error) });
      }
    });
  }

  private async bring(message: Message): Promise<void> {
    let ids: string[];
    try {
      ids = await this.untilDone(message.deadline, () => this.send(message));
    } catch (error) {
      this.stopped.throwIfAborted();
      log('WARN', 'a message of an agent was not sent', { id: message.id, code: codeOf(error) });
      const failure = failureOf(error);
      this.state.save({ ...message, failure, content: '', attachments: [], bodies: [] });
      this.tellFailure(message, failure);
      return;
    }
    this.state.finish(message, ids);
  }

  /** @returns ids of the messages that it became */
  private async send(message: Message): Promise<string[]> {
    if (!message.bodies) {
      message.bodies = await this.bodiesOf(message, await this.recipientOf(message));
      this.state.save(message);
    }
    const ids: string[] = [];
    for (const [index, body] of message.bodies.entries()) {
      const path = `/api/whatsapp/instances/${this.names.instanceId}/send`;
      const idempotencyKey = `chatwoot-${this.names.accountId}-${message.id}-${index}`;
      ids.push((await this.service.call<Sent>('POST', path, { body, idempotencyKey })).message_id);
    }
    return ids;
  }

  /** What is sent: the files, the first one with the text below it where WhatsApp shows one there. */
  private async bodiesOf({ content, attachments }: Message, to: string): Promise<object[]> {
    const [first] = attachments;
    const hasCaption = first !== undefined && first.file_type !== 'audio' && content.length <= CAPTION_CHARS;
    const bodies: object[] = content === '' || hasCaption ? [] : [{ to, message: content }];
    for (const [index, { file_type, data_url }] of attachments.entries()) {
      const { id, name } = await this.files.bring(data_url);
      const type = TYPES[file_type] ?? 'document';
      const caption = index === 0 && hasCaption && content !== '' ? { caption: content } : {};
      bodies.push({ to, type, media: { id }, ...caption, ...(type === 'document' && { file_name: name }) });
    }
    return bodies;
  }

  private async recipientOf({ identifier, phoneNumber }: Message): Promise<string> {
    const id = serviceIdOf(identifier);
    if (id !== undefined) {
      return addressOf((await this.service.call<{ contact: Contact }>('GET', `/api/contacts/${id}`)).contact);
    }
    if (phoneNumber === null) {
      throw new CallError('The contact has no phone number.', { status: 422 });
    }
    return phoneNumber.replace(/\D/g, '');
  }

  /** Nothing that an agent writes next waits for this. */
  private tellFailure(message: Message, failure: string): void {
    const { id, conversationId } = message;
    this.inBackground(message, `failure ${id}`, async () => {
      const tell = () => this.chatwoot.setStatus(conversationId, id, 'failed', failure.slice(0, 255));
      await this.untilDone(Date.now() + DAY_MS, tell).catch((error: unknown) => {
        this.stopped.throwIfAborted();
        log('ERROR', 'Chatwoot does not take that a message failed', { id, error: String(error) });
      });
      this.state.finish(message, []);
    });
  }

  /** Tries again what may succeed later, ever more slowly. @throws what the last try threw */
  private async untilDone<Result>(deadline: number, task: () => Promise<Result>): Promise<Result> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      this.stopped.throwIfAborted();
      if (Date.now() > deadline) {
        throw new CallError('It could not be sent in time');
      }
      try {
        return await task();
      } catch (error) {
        const wait = error instanceof CallError ? (error.retryAfterMs ?? pause) : pause;
        if (!mayRepeat(error) || Date.now() + wait > deadline) {
          throw error;
        }
        await sleep(wait, undefined, { signal: this.stopped });
      }
    }
  }
}

function mayRepeat(error: unknown): boolean {
  return error instanceof CallError && (error.isTransient || LATER.has(error.code ?? ''));
}

function failureOf(error: unknown): string {
  const sentence = error instanceof Error ? error.message : String(error);
  const isInDoubt = error instanceof CallError && error.status === 0;
  return isInDoubt ? `${sentence} (the message may have left all the same)` : sentence;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof CallError ? (error.code ?? String(error.status)) : undefined;
}
