import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { openApiText } from '../src/http/openapi-text.js';
import { CLIENT_EVENTS } from '../src/realtime/socket-events.js';
import { DocumentSchemas, pointerTo } from '../test/support/document-schemas.js';
import { asyncApiDocument } from './asyncapi-document.js';
import { eventsPage } from './events-page.js';

interface Message {
  name: string;
  payload: object;
  headers?: object;
  summary?: string;
  tags?: { name: string }[];
  examples: { payload: unknown; headers?: unknown }[];
}
interface Document {
  channels: Record<string, { messages: object }>;
  operations: Record<string, { action: string; channel: { $ref: string }; messages: { $ref: string }[] }>;
  components: { messages: Record<string, Message>; schemas: Record<string, object> };
}

/** Of the AsyncAPI initiative itself. */
const RULES = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;

let document: Document;
let schemas: DocumentSchemas;

beforeAll(() => {
  document = JSON.parse(JSON.stringify(asyncApiDocument())) as Document;
  schemas = new DocumentSchemas(document);
});

function faultsOf(one: object): unknown[] {
  const ajv = new Ajv({ strict: false, allErrors: false });
  formats.default(ajv);
  const validate = ajv.compile(RULES);
  return validate(one) ? [] : validate.errors!;
}

describe('the document of events', () => {
  it('is what the code says: otherwise run npm run asyncapi', async () => {
    const committed = (name: string) => readFile(join(import.meta.dirname, '..', name), 'utf8');

    expect(await committed('asyncapi.json')).toBe(openApiText(document));
    expect(await committed('asyncapi.html')).toBe(eventsPage(document));
  });

  it('is by the rules of AsyncAPI', () => {
    expect(faultsOf(document)).toEqual([]);
  });

  it.each<[string, (one: Document) => void]>([
    ['an action that there is none of', (one) => (one.operations['tell']!.action = 'shout')],
    ['a message that is no reference', (one) => (one.operations['tell']!.messages = [{} as never])],
    ['a schema of no type', (one) => (one.components.schemas['JoinAnswer'] = { type: 'thing' })],
  ])('is judged: %s is seen', (_fault, make) => {
    const wrong = structuredClone(document);
    make(wrong);

    expect(faultsOf(wrong)).not.toEqual([]);
  });

  it('refers to nothing that is not there', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#([^"]+)"/g)].map(([, pointer]) => pointer!);
    const missing = references.filter(
      (pointer) =>
        pointer
          .split('/')
          .slice(1)
          .reduce<unknown>(
            (node, token) => (node as Record<string, unknown> | undefined)?.[token],
            document,
          ) === undefined,
    );

    expect(references.length).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });

  it('has in each operation only messages of its channel', () => {
    for (const { channel, messages } of Object.values(document.operations)) {
      expect(messages.length).toBeGreaterThan(0);
      expect(messages.filter(({ $ref }) => !$ref.startsWith(`${channel.$ref}/messages/`))).toEqual([]);
    }
  });

  it('names what clients may send, as the service does', () => {
    const received = Object.entries(document.operations).filter(([, { action }]) => action === 'receive');

    expect(received.map(([name]) => name)).toEqual([...CLIENT_EVENTS]);
  });

  it('says of each event what it means', () => {
    const silent = Object.values(document.components.messages).filter(
      ({ name, summary }) => name.startsWith('whatsapp:') && !summary,
    );

    expect(silent).toEqual([]);
  });

  it('has examples that fit, with nothing that is not described', () => {
    const faults = Object.entries(document.components.messages).flatMap(([key, { examples, headers }]) =>
      examples.flatMap((example) => {
        const at = (part: string) => pointerTo('components', 'messages', key, part);
        return [
          ...schemas.faultsOf(at('payload'), example.payload),
          ...(headers === undefined ? [] : schemas.faultsOf(at('headers'), example.headers)),
        ].map((fault) => `${key}: ${fault}`);
      }),
    );

    expect(faults).toEqual([]);
  });
});
