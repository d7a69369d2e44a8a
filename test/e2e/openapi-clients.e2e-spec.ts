import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import ts from 'typescript';
import { beforeAll, expect, it } from 'vitest';
import { resolveOperations } from '../support/openapi-references.js';

type Schema = {
  $ref?: string;
  type?: string;
  format?: string;
  example?: unknown;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
};
interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  example?: unknown;
  schema: Schema;
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema; example?: unknown }> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const ROOT = join(import.meta.dirname, '../..');
const CLIENT = join(ROOT, 'test/e2e/generated-client.ts');
const TYPES = join(ROOT, 'test/e2e/generated-types.ts');
const source = readFileSync(join(ROOT, 'openapi.json'), 'utf8');
const document = resolveOperations(JSON.parse(source) as Document);

let types: string;

beforeAll(async () => {
  // As its users have it: with the generator's own defaults.
  types = astToString(await openapiTS(JSON.parse(source) as OpenAPI3));
});

/** @returns what the compiler says of a client over the generated types */
function faultsOf(client: string): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  };
  const files: Record<string, string> = { [CLIENT]: client, [TYPES]: types };
  const host = ts.createCompilerHost(options);
  const disk = ts.createCompilerHost(options);
  host.fileExists = (name) => name in files || disk.fileExists(name);
  host.readFile = (name) => files[name] ?? disk.readFile(name);
  host.getSourceFile = (name, version, ...rest) =>
    name in files
      ? ts.createSourceFile(name, files[name]!, version)
      : disk.getSourceFile(name, version, ...rest);
  const program = ts.createProgram([CLIENT], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file?.text.slice(0, start).split('\n').at(-1);
    return `${line ?? ''}…: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

const IMPORT = "import type { paths } from './generated-types.js';\n";

function resolve(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)!]!;
}

/** What the document shows of a schema by its examples; of fields without one, nothing. */
function exampleOf(given: Schema, isWanted: (field: string, schema: Schema) => boolean): unknown {
  const schema = resolve(given);
  if (schema.example !== undefined) {
    return schema.example;
  }
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties).filter(([field]) => isWanted(field, schema));
    const shown = fields
      .map(([field, one]) => [field, exampleOf(one, isWanted)] as const)
      .filter(([, value]) => value !== undefined);
    return Object.fromEntries(shown);
  }
  if (schema.type === 'array' && schema.items !== undefined) {
    const item = exampleOf(schema.items, isWanted);
    return item === undefined ? [] : [item];
  }
  return schema.format === 'binary' ? 'the bytes of a file' : schema.enum?.[0];
}

const operations = Object.entries(document.paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, operation]) => ({ path, method, operation })),
);
const bodies = operations.flatMap(({ path, method, operation: { requestBody } }) =>
  Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => ({ path, method, type, schema })),
);

it('compiles every body that the document shows, in full and with what is required alone', () => {
  const lines = bodies.flatMap(({ path, method, type, schema }, index) => {
    const wanted = `NonNullable<paths['${path}']['${method}']['requestBody']>['content']['${type}']`;
    const full = exampleOf(schema, () => true);
    const least = exampleOf(schema, (field, { required = [] }) => required.includes(field));
    return [full, least].map(
      (body, of) => `export const b${index}_${of}: ${wanted} = ${JSON.stringify(body)};`,
    );
  });

  expect(lines.length).toBeGreaterThan(15);
  expect(faultsOf(IMPORT + lines.join('\n'))).toEqual([]);
});

it('compiles a call with what is required alone of its address', () => {
  const lines = operations.flatMap(({ path, method, operation: { parameters = [] } }, index) => {
    const least: Record<string, Record<string, unknown>> = {};
    for (const parameter of parameters.filter(({ required }) => required === true)) {
      (least[parameter.in] ??= {})[parameter.name] = parameter.example ?? parameter.schema.example ?? 'x';
    }
    return `export const p${index}: paths['${path}']['${method}']['parameters'] = ${JSON.stringify(least)};`;
  });

  expect(faultsOf(IMPORT + lines.join('\n'))).toEqual([]);
});

it('compiles every example of an answer', () => {
  const lines = operations.flatMap(({ path, method, operation: { responses } }, index) =>
    Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content)
        .filter(([, { example }]) => example !== undefined)
        .map(([type, { example }]) => {
          const wanted = `paths['${path}']['${method}']['responses'][${status}]['content']['${type}']`;
          return `export const e${index}_${status}: ${wanted} = ${JSON.stringify(example)};`;
        }),
    ),
  );

  expect(lines.length).toBeGreaterThan(100);
  expect(faultsOf(IMPORT + lines.join('\n'))).toEqual([]);
});

it('lets a client use the fields of an answer without looking whether they are there', () => {
  const client = `${IMPORT}
    type Answer<P extends keyof paths> = paths[P] extends
      { get: { responses: { 200: { content: { 'application/json': infer Body } } } } } ? Body : never;
    declare const messages: Answer<'/api/messages'>;
    declare const events: Answer<'/api/events'>;
    declare const instance: Answer<'/api/whatsapp/instances/{id}'>;
    export const text: string = messages.messages[0]!.content;
    export const cursor: string | null = messages.next_cursor;
    export const sequence: number = events.last_sequence;
    export const isMore: boolean = events.has_more;
    export const name: string = instance.instance.instance_name;
  `;

  expect(faultsOf(client)).toEqual([]);
});

it('would tell of a field that is not what the document says', () => {
  const client = `${IMPORT}
    export const body: paths['/api/contacts']['post']['requestBody']['content']['application/json'] = { limit: 'x' };
  `;

  expect(faultsOf(client)).toEqual([expect.stringContaining("'string' is not assignable to type 'number'")]);
});
