import { expect, it } from 'vitest';
import { tidyOperations } from './openapi-operations.js';

it.each([
  ['an open route', { responses: {} }, { responses: {}, security: [] }],
  ['a route for which the default holds', { responses: {}, security: [{ bearer: [] }] }, { responses: {} }],
  [
    'what goes without saying',
    {
      security: [{}],
      parameters: [{ name: 'a', required: false }],
      responses: { 401: { $ref: '#/components/responses/401', description: '' }, 200: { description: '' } },
    },
    {
      parameters: [{ name: 'a' }],
      responses: { 401: { $ref: '#/components/responses/401' }, 200: { description: '' } },
    },
  ],
  [
    'a form beside a body',
    { security: [{}], responses: {}, requestBody: { content: { json: 1 } }, 'x-form': { $ref: '#/form' } },
    {
      responses: {},
      requestBody: { content: { json: 1, 'multipart/form-data': { schema: { $ref: '#/form' } } } },
    },
  ],
  ['no parameters', { security: [{}], parameters: [], responses: {} }, { responses: {} }],
])('tidies %s', (_name, operation, tidied) => {
  const document = { paths: { '/a': { get: operation } } };

  tidyOperations(document as never);

  expect(document.paths['/a'].get).toEqual(tidied);
});
