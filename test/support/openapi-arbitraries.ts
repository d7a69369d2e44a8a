import fc, { type Arbitrary } from 'fast-check';
import type { OpenApiDocument, Operation, Parameter } from './openapi-contract.js';

type Json = Record<string, unknown>;
type Schema = Json & { properties?: Record<string, Schema>; items?: Schema; required?: string[] };

/** A call of an operation, which may be as documented or not at all. */
export interface FuzzCall {
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** What calls name: by the name of a parameter or field, or by its format. */
export type Names = Readonly<Record<string, readonly string[]>>;

/** Where something may be dug out of a prototype, cut in two, or taken for what it is not. */
const STRANGE_TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '😀'.repeat(300),
  '\u202egnp.exe',
  'é'.normalize('NFD'),
  'x'.repeat(70_000),
  "'; drop table contacts; --",
  '%00',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '0x10',
  '1e999',
  '-1',
  '0000-00-00T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '-000001-01-01T00:00:00Z',
  '2026-02-30T25:61:61Z',
  '294277-01-01T00:00:00Z',
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '{"a":1}',
  '<script>alert(1)</script>',
  '%',
  '*',
  '(((((',
  '& | ! <->',
];

const STRANGE_NUMBERS = [-1, 0, 0.5, -0, 1e308, 2 ** 31, 2 ** 53 + 2, -(2 ** 63), Number.MAX_SAFE_INTEGER];

const strange: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...STRANGE_TEXTS),
  fc.constantFrom<unknown>(...STRANGE_NUMBERS),
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { '': '' }, { $ref: '#' }, { id: {} }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.jsonValue({ maxDepth: 4 }),
  fc.array(fc.constantFrom<unknown>(...STRANGE_TEXTS.slice(0, 8)), { maxLength: 200 }),
  fc.constantFrom(8, 15, 16, 17, 40).map((depth) => nested(depth)),
);

/** Texts of bodies that no program writes that means well. */
const strangeBodies: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    '{',
    'null',
    '[]',
    '"text"',
    '1e999',
    '{"__proto__":{"isAdmin":true}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"a":1,"a":2}',
    '\ufeff{}',
    '{"organization_id":"\\ud800"}',
    '['.repeat(20_000),
    `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
    `{"${'x'.repeat(100_000)}":1}`,
    `{"a":${'9'.repeat(5_000)}}`,
  ),
  fc.json(),
  strange.map((value) => JSON.stringify(value)),
);

/** What proper clients, and others, may say beside what an operation asks for. */
const strangeHeaders: Arbitrary<Record<string, string>> = fc.constantFrom<Record<string, string>>(
  {},
  { 'if-match': '"nothing"' },
  { 'if-match': '*' },
  { 'if-match': 'W/"a", "b", ,' },
  { 'if-none-match': '*' },
  { 'if-none-match': `"${'a'.repeat(4_000)}"` },
  { range: 'bytes=0-0,5-,-3' },
  { range: 'bytes=9-1' },
  { range: 'lines=1-2' },
  { 'if-range': 'W/"a"', range: 'bytes=-1' },
  { 'idempotency-key': 'a key' },
  { 'idempotency-key': '\u00e9' },
  { 'idempotency-key': 'x'.repeat(300) },
  { 'last-event-id': 'x' },
  { 'last-event-id': '9'.repeat(40) },
  { 'last-event-id': '0' },
  { accept: 'application/xml' },
  { accept: '*/*;q=0' },
  { 'accept-language': '\u00ff' },
  { 'x-forwarded-for': '::1, 1.2.3.4, x' },
  { 'x-forwarded-prefix': '//evil.example' },
  { 'x-request-id': '../../x' },
  { 'content-encoding': 'br' },
  { 'content-encoding': 'gzip' },
  { 'x-http-method-override': 'DELETE' },
);

const contentTypes = [
  'application/json',
  'application/json; charset=utf-16',
  'application/vnd.api+json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'multipart/form-data',
  'multipart/form-data; boundary=b',
  'application/json, text/plain',
  '*/*',
];

/**
 * @param names of things that are there, and of things that are not
 * @returns calls of an operation: half of them as documented, half with something strange in them
 */
export function callsOf(
  document: OpenApiDocument,
  path: string,
  operation: Operation,
  names: Names,
): Arbitrary<FuzzCall> {
  const schemas = new Values(document, names);
  const parameters = (operation.parameters ?? []).map((one) => schemas.parameter(one));
  const inPlace = (place: string) => parameters.filter((one) => one.in === place);
  const content = operation.requestBody?.content ?? {};
  const jsonSchema = content['application/json']?.schema;
  const isForm = 'multipart/form-data' in content;

  const address = fc
    .record(Object.fromEntries(inPlace('path').map((one) => [one.name, schemas.inPath(one)])))
    .map((values) =>
      path.replace(/\{(\w+)\}/g, (_whole, name: string) => (values as Record<string, string>)[name]!),
    );
  const query = fc
    .tuple(
      ...inPlace('query').map((one) =>
        fc.option(
          mostly(schemas.value(one.schema as Schema, one.name), strange).map((value) => [
            one.name,
            textOf(value),
          ]),
          { freq: one.required ? 20 : 1, nil: undefined },
        ),
      ),
      fc.option(
        fc.constantFrom(
          ['nonsense', '1'],
          ['limit', '1'],
          ['limit[]', '1'],
          ['__proto__', '1'],
          ['cursor', 'e30'],
        ),
        { freq: 1, nil: undefined },
      ),
    )
    .map((pairs) => pairs.filter((pair) => pair !== undefined) as [string, string][]);
  const headers = fc
    .tuple(
      ...inPlace('header').map((one) =>
        fc.option(
          schemas.value(one.schema as Schema, one.name).map((value) => [one.name, headerText(String(value))]),
          { nil: undefined },
        ),
      ),
      mostly(fc.constant<Record<string, string>>({}), strangeHeaders).map((others) =>
        Object.entries(others).flat(),
      ),
    )
    .map((pairs) => Object.fromEntries(pairs.filter((pair) => pair?.length === 2) as [string, string][]));
  const json = jsonSchema === undefined ? undefined : schemas.body(jsonSchema as Schema);
  const body: Arbitrary<{ type: string; text: string } | undefined> =
    json === undefined
      ? isForm
        ? forms
        : fc.option(
            strangeBodies.map((text) => ({ type: 'application/json', text })),
            { freq: 1, nil: undefined },
          )
      : fc.oneof(
          {
            weight: 12,
            arbitrary: json.map((value) => ({ type: 'application/json', text: JSON.stringify(value) })),
          },
          { weight: 3, arbitrary: strangeBodies.map((text) => ({ type: 'application/json', text })) },
          {
            weight: 1,
            arbitrary: fc
              .tuple(fc.constantFrom(...contentTypes), json)
              .map(([type, value]) => ({ type, text: JSON.stringify(value) })),
          },
          ...(isForm ? [{ weight: 3, arbitrary: forms }] : []),
        );
  return fc.tuple(address, query, headers, body).map(([at, pairs, named, sent]) => ({
    path:
      pairs.length === 0
        ? at
        : `${at}?${pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`,
    headers: { ...named, ...(sent && { 'content-type': sent.type }) },
    ...(sent && { body: sent.text }),
  }));
}

/** Uploads: whole, cut off, and with parts that nobody asked for. */
const forms: Arbitrary<{ type: string; text: string }> = fc
  .record({
    name: fc.constantFrom('file', 'organization_id', 'to', '__proto__', '', 'x'.repeat(500)),
    fileName: fc.constantFrom('a.txt', '../../a', 'é😀.png', '', 'CON', 'a\u202egnp.exe'),
    type: fc.constantFrom('text/plain', 'image/png', 'application/octet-stream', 'x', ''),
    content: fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.constant('%PDF-1.4'),
      fc.constant('\u0089PNG\r\n\u001a\n'),
    ),
    parts: fc.integer({ min: 0, max: 4 }),
    isCut: fc.boolean(),
  })
  .map(({ name, fileName, type, content, parts, isCut }) => {
    const part = `--b\r\ncontent-disposition: form-data; name="${name}"; filename="${fileName}"\r\ncontent-type: ${type}\r\n\r\n${content}\r\n`;
    return { type: 'multipart/form-data; boundary=b', text: part.repeat(parts) + (isCut ? '' : '--b--\r\n') };
  });

/** Values of the document's schemas. */
class Values {
  private readonly document: OpenApiDocument;
  private readonly names: Names;

  constructor(document: OpenApiDocument, names: Names) {
    this.document = document;
    this.names = names;
  }

  parameter(one: Parameter): Parameter {
    return one.$ref === undefined ? one : (this.resolve(one as never) as never);
  }

  /** Of an address: encoded, and never empty, for then it would be another one. */
  inPath({ name, schema }: Parameter): Arbitrary<string> {
    return fc.oneof(
      {
        weight: 5,
        arbitrary: this.value(schema as Schema, name).map((value) => encode(textOf(value)) || '-'),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom('%00', '%ff', '%F0%9F', '__proto__', 'x'.repeat(3_000), '%22', '-', '%20'),
      },
    );
  }

  /** A body: whole, with one field strange or one too many, or without one. */
  body(schema: Schema): Arbitrary<unknown> {
    const value = this.value(schema, '');
    const fields = Object.keys(this.resolve(schema).properties ?? {});
    return fc.oneof(
      { weight: 3, arbitrary: value },
      {
        weight: 2,
        arbitrary: fc
          .tuple(value, fc.constantFrom('extra', ...fields), strange)
          .map(([whole, field, odd]) => ({ ...(whole as Json), [field]: odd })),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(value, fc.constantFrom('extra', ...fields))
          .map(([whole, field]) =>
            Object.fromEntries(Object.entries(whole as Json).filter(([name]) => name !== field)),
          ),
      },
    );
  }

  /** A value as a schema has it. */
  value(given: Schema, name: string, depth = 0): Arbitrary<unknown> {
    const schema = this.resolve(given);
    const known = this.names[name] ?? this.names[String(schema['format'])];
    if (known !== undefined) {
      return fc.constantFrom(...known);
    }
    const any = (schema['oneOf'] ?? schema['anyOf'] ?? schema['allOf']) as Schema[] | undefined;
    if (any !== undefined) {
      return fc.oneof(...any.map((one) => this.value(one, name, depth + 1)));
    }
    if (schema['const'] !== undefined || Array.isArray(schema['enum'])) {
      return fc.constantFrom(...((schema['enum'] as unknown[] | undefined) ?? [schema['const']]));
    }
    const types = [schema['type']].flat() as string[];
    const values = types.map((type) => this.ofType(type, schema, depth));
    const example = schema['example'];
    return fc.oneof(...values, ...(example === undefined ? [] : [fc.constant(example)]));
  }

  private ofType(type: string, schema: Schema, depth: number): Arbitrary<unknown> {
    const least = schema['minimum'] as number | undefined;
    const most = schema['maximum'] as number | undefined;
    switch (type) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
        return fc.integer({ min: least ?? -5, max: Math.min(most ?? 1_000, 2 ** 31 - 1) });
      case 'number':
        return fc.double({ min: least ?? -1e6, max: most ?? 1e6, noNaN: true });
      case 'array':
        return fc.array(this.value(schema.items ?? {}, '', depth + 1), {
          minLength: (schema['minItems'] as number | undefined) ?? 0,
          maxLength: Math.min((schema['maxItems'] as number | undefined) ?? 4, 6),
        });
      case 'object':
        return this.object(schema, depth);
      case 'string':
        return this.text(schema);
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  }

  private object(schema: Schema, depth: number): Arbitrary<unknown> {
    const fields = Object.entries(schema.properties ?? {}).filter(
      ([name]) => depth < 4 || schema.required?.includes(name),
    );
    return fc.record(
      Object.fromEntries(fields.map(([name, field]) => [name, this.value(field, name, depth + 1)])),
      {
        requiredKeys: schema.required ?? [],
      },
    );
  }

  private text(schema: Schema): Arbitrary<string> {
    const minLength = (schema['minLength'] as number | undefined) ?? 0;
    const maxLength = Math.min((schema['maxLength'] as number | undefined) ?? 60, 200);
    if (schema['format'] === 'date-time') {
      return fc
        .date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString());
    }
    return typeof schema['pattern'] === 'string' && schema['pattern'].length < 60
      ? fc.stringMatching(new RegExp(schema['pattern'])).map((text) => text.slice(0, 5_000))
      : fc.string({ unit: 'grapheme', minLength: Math.min(minLength, maxLength), maxLength });
  }

  private resolve(schema: Schema): Schema {
    const [, kind, name] = /^#\/components\/(\w+)\/(\w+)$/.exec(String(schema['$ref'])) ?? [];
    return kind === undefined ? schema : (this.document.components[kind]![name!] as Schema);
  }
}

function mostly<T>(usual: Arbitrary<T>, odd: Arbitrary<T>): Arbitrary<T> {
  return fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) };
}

/** As it stands in an address or a form. */
function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Longer addresses are refused by the HTTP parser alone.
  return text.slice(0, 4_000);
}

/** Half of a character can't be encoded. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** What `fetch` sends. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').trim();
}
