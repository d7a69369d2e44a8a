import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DocumentSchemas, pointerTo } from './document-schemas.js';

type Channel = 'socket' | 'stream' | 'list' | 'webhook';

interface AsyncApiDocument {
  channels: Record<Channel, { messages: Record<string, object> }>;
  components: { messages: Record<string, { name: string }> };
}

/** Holds what the service tells against its AsyncAPI document: no event and no field that is not there. */
export class AsyncApiContract {
  private readonly document: AsyncApiDocument;
  private readonly schemas: DocumentSchemas;
  private readonly told = new Set<string>();

  constructor() {
    const text = readFileSync(join(import.meta.dirname, '../../asyncapi.json'), 'utf8');
    this.document = JSON.parse(text) as AsyncApiDocument;
    this.schemas = new DocumentSchemas(this.document);
  }

  /**
   * @param name of a message of the channel
   * @returns what the document does not say of it; empty where it says all
   */
  faultsOf(channel: Channel, name: string, payload: unknown, headers?: unknown): string[] {
    const key = Object.keys(this.document.channels[channel].messages).find(
      (one) => this.document.components.messages[one]!.name === name,
    );
    if (key === undefined) {
      return [`${channel}: nothing is called ${name}`];
    }
    this.told.add(key);
    const at = (part: string) => pointerTo('components', 'messages', key, part);
    return [
      ...this.schemas.faultsOf(at('payload'), payload),
      ...(headers === undefined ? [] : this.schemas.faultsOf(at('headers'), headers)),
    ].map((fault) => `${channel}, ${name}: ${fault}`);
  }

  /** @returns messages that nobody was told in a run */
  untold(): string[] {
    return Object.keys(this.document.components.messages).filter((key) => !this.told.has(key));
  }
}
