import type { OpenAPIObject } from '@nestjs/swagger';

interface Schema {
  example?: unknown;
  enum?: unknown;
  format?: string;
}

/**
 * Takes the examples of fields that show nothing which their type does not: null, booleans, one of an enumeration, times.
 * @param document changed in place
 */
export function dropPlainExamples(document: OpenAPIObject): void {
  for (const { properties = {} } of Object.values(document.components?.schemas ?? {}) as {
    properties?: Record<string, Schema>;
  }[]) {
    for (const field of Object.values(properties)) {
      if (isPlain(field)) {
        delete field.example;
      }
    }
  }
}

function isPlain({ example, enum: values, format }: Schema): boolean {
  return example === null || typeof example === 'boolean' || values !== undefined || format === 'date-time';
}
