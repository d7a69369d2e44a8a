import { describe, expect, it } from 'vitest';
import type { OpenAPIObject } from '@nestjs/swagger';
import { component, shareComponents } from './openapi-components.js';

const LIMIT = { name: 'limit', in: 'query', schema: { type: 'integer' } };
const REPLAYED = { schema: { type: 'string' } };

function documentWith(operation: object, schemas: object = {}): OpenAPIObject {
  return { openapi: '3.1.0', paths: { '/a': { get: operation } }, components: { schemas } } as never;
}

describe('shareComponents', () => {
  it.each([
    [
      'a parameter',
      { parameters: [{ ...LIMIT, ...component('parameters', 'Limit') }] },
      { parameters: [{ $ref: '#/components/parameters/Limit' }] },
      { parameters: { Limit: LIMIT } },
    ],
    [
      'a header',
      { responses: { 200: { headers: { Replayed: { ...REPLAYED, ...component('headers', 'Replayed') } } } } },
      { responses: { 200: { headers: { Replayed: { $ref: '#/components/headers/Replayed' } } } } },
      { headers: { Replayed: REPLAYED } },
    ],
    [
      'a schema, and one inside it',
      {
        schema: {
          properties: { next: { type: 'string', ...component('schemas', 'Next') } },
          ...component('schemas', 'Page'),
        },
      },
      { schema: { $ref: '#/components/schemas/Page' } },
      {
        schemas: {
          Next: { type: 'string' },
          Page: { properties: { next: { $ref: '#/components/schemas/Next' } } },
        },
      },
    ],
  ])('puts %s that is marked in one place', (_name, operation, left, components) => {
    const shared = shareComponents(documentWith(operation)) as unknown as Record<string, unknown>;

    expect(shared['paths']).toEqual({ '/a': { get: left } });
    expect(shared['components']).toMatchObject(components);
  });

  it('leaves a field of a body where it stands, though the same is a parameter elsewhere', () => {
    const body = { properties: { limit: { type: 'integer', ...component('parameters', 'Limit') } } };

    expect(shareComponents(documentWith({}, { Body: body })).components).toEqual({
      schemas: { Body: { properties: { limit: { type: 'integer' } } } },
    });
  });

  it('leaves its input as it is', () => {
    const operation = { parameters: [{ ...LIMIT, ...component('parameters', 'Limit') }] };
    const before = structuredClone(operation);

    shareComponents(documentWith(operation));

    expect(operation).toEqual(before);
  });

  it('refuses one name for two things', () => {
    const parameters = [LIMIT, { ...LIMIT, required: true }].map((one) => ({
      ...one,
      ...component('parameters', 'Limit'),
    }));

    expect(() => shareComponents(documentWith({ parameters }))).toThrow(/parameters are called Limit/);
  });
});
