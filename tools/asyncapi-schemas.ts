import { join } from 'node:path';
import { createGenerator, type SchemaGenerator } from 'ts-json-schema-generator';

/** JSON Schema, draft 7, as AsyncAPI has it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  pattern?: string;
  properties?: Record<string, Schema>;
  [keyword: string]: unknown;
}

const ROOT = join(import.meta.dirname, '..');
const IN_TYPES = '#/definitions/';
const IN_DOCUMENT = '#/components/schemas/';

/** Schemas of TypeScript types, descriptions included. Fields that a schema does not name are allowed: later versions have more. */
export class TypeSchemas {
  private readonly shared: Record<string, Schema> = {};

  /** Those that others refer to, by the name of their type; but for what a generic type became, whose names are none elsewhere. */
  get named(): Record<string, Schema> {
    return Object.fromEntries(Object.entries(this.shared).filter(([name]) => /^\w+$/.test(name)));
  }

  /** @returns what a schema refers to, where it is a reference and nothing else */
  resolve(schema: Schema): Schema {
    const name = schema.$ref?.replace(IN_DOCUMENT, '');
    return name === undefined ? schema : this.shared[decodeURIComponent(name)]!;
  }

  /** @returns the schema of an exported type of the sources */
  of(file: string, type: string): Schema {
    const { definitions = {} } = generatorOf(file, type).createSchema(type) as {
      definitions?: Record<string, Schema>;
    };
    const schemas = tidied(definitions) as Record<string, Schema>;
    const { [type]: own, ...others } = schemas;
    Object.assign(this.shared, others);
    return own!;
  }
}

function generatorOf(file: string, type: string): SchemaGenerator {
  return createGenerator({
    path: join(ROOT, file),
    tsconfig: join(ROOT, 'tsconfig.json'),
    type,
    // The compiler checks them anyway.
    skipTypeCheck: true,
    expose: 'export',
    additionalProperties: true,
  });
}

/** A reference says nothing beside itself in draft 7; and what is undefined is not sent. */
function tidied(node: unknown): unknown {
  if (Array.isArray(node)) {
    return node.filter((item) => !isNever(item)).map(tidied);
  }
  if (typeof node !== 'object' || node === null) {
    return node;
  }
  const { $ref, ...others } = node as Schema;
  const fields = Object.fromEntries(Object.entries(others).map(([name, field]) => [name, tidied(field)]));
  if ($ref === undefined) {
    return fields;
  }
  const reference = { $ref: $ref.replace(IN_TYPES, IN_DOCUMENT) };
  return Object.keys(fields).length === 0 ? reference : { ...fields, allOf: [reference] };
}

function isNever(item: unknown): boolean {
  return JSON.stringify(item) === '{"not":{}}';
}
