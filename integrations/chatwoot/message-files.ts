import { setTimeout as sleep } from 'node:timers/promises';
import { answerTo, CallError } from '../common/http-json.ts';
import type { ServiceClient } from '../common/service-client.ts';
import type { Media, Message } from '../common/service-types.ts';
import type { HandedFile } from './chatwoot-client.ts';
import { KeyedQueue } from './keyed-queue.ts';

/** A file usually comes within a second of its message, and a webhook has 15 s to answer. */
const WAIT_MS = 5000;
const LOOK_EVERY_MS = 250;
const FILE_TIMEOUT_MS = 60_000;

/** Reads the files of messages, one at a time, so that memory holds one. */
export class MessageFiles {
  private readonly service: ServiceClient;
  private readonly maxBytes: number;
  private readonly queue = new KeyedQueue();

  constructor(service: ServiceClient, maxBytes: number) {
    this.service = service;
    this.maxBytes = maxBytes;
  }

  /** @returns the stored message of an event, with its file where that came soon; undefined where it is not there any more */
  async messageOf(contactId: string, instanceId: string, whatsappId: string): Promise<Message | undefined> {
    const query = { contact_id: contactId, instance_id: instanceId, direction: 'inbound', limit: 100 };
    const { messages } = await this.service.call<{ messages: Message[] }>('GET', '/api/messages', { query });
    const found = messages.find(({ whatsapp_message_id }) => whatsapp_message_id === whatsappId);
    return found && this.settled(found);
  }

  /** @returns the message with this id; undefined where it is not there any more */
  async byId(id: string): Promise<Message | undefined> {
    try {
      return (await this.service.call<{ message: Message }>('GET', `/api/messages/${id}`)).message;
    } catch (error) {
      if (error instanceof CallError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  /** @returns the file, or why it can not be handed over, for people to read */
  async fileOf({ id, media }: Message): Promise<HandedFile | string> {
    if (media?.state !== 'ready') {
      return `the file is ${media?.state ?? 'not there'}`;
    }
    if ((media.size ?? 0) > this.maxBytes) {
      return `the file is too large: ${Math.ceil((media.size ?? 0) / 1024 / 1024)} MB`;
    }
    return this.queue.run('file', async () => {
      const response = await answerTo({
        url: `${this.service.url}/api/messages/${id}/media`,
        headers: this.service.authorization,
        timeoutMs: FILE_TIMEOUT_MS,
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw new CallError('the file of a message was not given', { status: response.status });
      }
      const blob = new Blob([await response.arrayBuffer()], {
        type: media.mime_type ?? 'application/octet-stream',
      });
      return { blob, name: nameOf(media) };
    });
  }

  private async settled(message: Message): Promise<Message> {
    const until = Date.now() + WAIT_MS;
    let latest = message;
    while (latest.media?.state === 'pending' && Date.now() < until) {
      await sleep(LOOK_EVERY_MS);
      latest = (await this.byId(message.id)) ?? { ...latest, media: null };
    }
    return latest;
  }
}

function nameOf({ file_name, mime_type }: Media): string {
  const [kind = 'file', ending = 'bin'] = (mime_type ?? '').split(/[/;]/);
  return file_name ?? `${kind}.${ending.replace(/^x-/, '')}`;
}
