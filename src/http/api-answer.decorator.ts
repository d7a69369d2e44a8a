import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { component } from './openapi-components.js';

/** A plain OpenAPI schema. */
type SchemaObject = Record<string, unknown>;

/** A field of an answer: a class, a list of a class, or a plain schema. */
export type AnswerField = Type | [Type] | SchemaObject;

export interface AnswerOptions {
  /** HTTP status; 200 by default. */
  status?: number;
  description: string;
  /** Of the component, for an answer of several routes. */
  name?: string;
}

/**
 * Documents an answer of the form `{ success: true, …fields }`.
 * @param fields the fields beside `success`
 */
export function ApiAnswer(fields: Record<string, AnswerField>, options: AnswerOptions): MethodDecorator {
  const models = Object.values(fields).flatMap(modelsOf);
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, schemaOf(field)]),
  );
  return applyDecorators(
    ApiExtraModels(...models),
    ApiResponse({
      status: options.status ?? 200,
      description: options.description,
      schema: {
        type: 'object',
        required: ['success', ...Object.keys(fields)],
        properties: { success: SUCCESS, ...properties },
        ...(options.name === undefined ? {} : component('schemas', options.name)),
      },
    }),
  );
}

/** Nest knows no `const`. */
const SUCCESS: SchemaObject = { const: true };

/** The fields of lists that lead to other pages. */
export const PAGE_CURSORS = {
  next_cursor: {
    type: 'string',
    nullable: true,
    description: 'Give it as `cursor` for the next page; null on the last one.',
    example: null,
    ...component('schemas', 'NextCursor'),
  },
  previous_cursor: {
    type: 'string',
    nullable: true,
    description:
      'Give it as `cursor` for what comes before this page in the same order: in lists that begin with the newest, what came since. It is good for asking again later, too. Null where there is no item to come before.',
    example: null,
    ...component('schemas', 'PreviousCursor'),
  },
};

function modelsOf(field: AnswerField): Type[] {
  if (Array.isArray(field)) {
    return field;
  }
  return typeof field === 'function' ? [field] : [];
}

function schemaOf(field: AnswerField): Record<string, unknown> {
  if (Array.isArray(field)) {
    return { type: 'array', items: { $ref: getSchemaPath(field[0]) } };
  }
  return typeof field === 'function' ? { $ref: getSchemaPath(field) } : field;
}
