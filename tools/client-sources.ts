import { readFile } from 'node:fs/promises';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { rollUpTypes } from './type-roll-up.js';

const ROOT = `${import.meta.dirname}/..`;
const FOLDER = 'clients/typescript/src/generated';
const HEAD = '// Written by `npm run client`: do not edit.\n\n';

type Schema = { $ref?: string; properties?: Record<string, unknown>; allOf?: Schema[] };
interface Parameter {
  $ref?: string;
  name: string;
  in: string;
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; parameters: Record<string, Parameter> };
}

/** @returns what is generated of the TypeScript client, by file name from the root of the repository */
export async function clientSources(): Promise<Record<string, string>> {
  const document = await readFile(`${ROOT}/openapi.json`, 'utf8');
  return {
    [`${FOLDER}/openapi.ts`]: await print(await restTypes(document)),
    [`${FOLDER}/operations.ts`]: await print(operations(JSON.parse(document) as Document)),
    [`${FOLDER}/events.ts`]: await print(eventTypes()),
  };
}

async function print(code: string): Promise<string> {
  const config = await resolveConfig(`${ROOT}/${FOLDER}/any.ts`);
  return format(HEAD + code, { ...config, parser: 'typescript' });
}

async function restTypes(document: string): Promise<string> {
  const file = ts.factory.createTypeReferenceNode('Blob');
  const nodes = await openapiTS(JSON.parse(document) as OpenAPI3, {
    // What has a default need not be sent.
    defaultNonNullable: false,
    transform: (schema) => (schema.format === 'binary' ? file : undefined),
  });
  return astToString(nodes);
}

/** What the client does by itself for an operation. */
function operations({ paths, components }: Document): string {
  const parametersOf = (operation: Operation) =>
    (operation.parameters ?? []).map((parameter) =>
      parameter.$ref === undefined ? parameter : components.parameters[parameter.$ref.split('/').at(-1)!]!,
    );
  const hasField = ({ $ref, properties, allOf }: Schema, name: string): boolean =>
    $ref === undefined
      ? name in (properties ?? {}) || (allOf ?? []).some((part) => hasField(part, name))
      : hasField(components.schemas[$ref.split('/').at(-1)!]!, name);
  const entries = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const parameters = parametersOf(operation);
      const body = operation.requestBody?.content['application/json']?.schema;
      const traits = {
        ...(parameters.some(({ name }) => name === 'Idempotency-Key') && { hasIdempotencyKey: true }),
        ...(parameters.some(({ name, in: place }) => place === 'query' && name === 'organization_id') && {
          organization: 'query',
        }),
        ...(body && hasField(body, 'organization_id') && { organization: 'body' }),
      };
      return Object.keys(traits).length === 0 ? [] : [[`${method} ${path}`, traits]];
    }),
  );
  return `/** What the client does by itself for an operation: a key with which it is sent once, and where it says whose it is. */
    export interface OperationTraits { hasIdempotencyKey?: true; organization?: 'query' | 'body' }
    export const OPERATIONS: Readonly<Record<string, OperationTraits>> = ${JSON.stringify(Object.fromEntries(entries))};\n`;
}

function eventTypes(): string {
  return rollUpTypes([
    {
      file: `${ROOT}/src/common/whatsapp-events.ts`,
      names: ['WhatsappEvents', 'WhatsappEventName', 'STORED_EVENTS', 'StoredEventName', 'ToldPayload'],
    },
    {
      file: `${ROOT}/src/realtime/socket-events.ts`,
      names: ['JoinAnswer', 'ClientToServerEvents', 'ServerToClientEvents'],
    },
    { file: `${ROOT}/src/realtime/socket-error-body.ts`, names: ['SocketErrorBody'] },
  ]);
}
