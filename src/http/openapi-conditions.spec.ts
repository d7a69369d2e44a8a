import { expect, it } from 'vitest';
import { describeConditions } from './openapi-conditions.js';

const JSON_ANSWER = { content: { 'application/json': {} } };
const token = [{ bearer: [] }];
const header = (name: string) => ({ name, in: 'header' });

interface Described {
  parameters?: { name: string }[];
  responses: Record<string, { headers?: object; content?: object }>;
}

it.each([
  ['what is read', 'get', { security: token }, ['200 ETag', '304 ETag', '409'], ['If-None-Match']],
  ['what everybody may read', 'get', {}, ['200 ETag', '304 ETag'], ['If-None-Match']],
  ['what is written', 'post', { security: token }, ['200', '409'], []],
  [
    'what is written under a condition',
    'patch',
    { security: token, parameters: [header('If-Match')] },
    ['200 ETag', '409'],
    ['If-Match'],
  ],
  [
    'what may be done twice',
    'post',
    { security: token, parameters: [header('Idempotency-Key')] },
    ['200 Idempotency-Replayed', '409'],
    ['Idempotency-Key'],
  ],
  ['what takes a body', 'put', { security: token, requestBody: {} }, ['200', '400', '409', '413', '415'], []],
])('describes %s', (_what, method, operation, answers, parameters) => {
  const described: Described = structuredClone({ ...operation, responses: { 200: JSON_ANSWER } });

  describeConditions({ paths: { '/a': { [method]: described } } } as never);

  const named = Object.entries(described.responses).map(([status, { headers = {} }]) =>
    [status, ...Object.keys(headers)].join(' '),
  );
  expect(named).toEqual(answers);
  expect((described.parameters ?? []).map(({ name }) => name)).toEqual(parameters);
});

it('says nothing of a probe, which tells the time', () => {
  const probe: Described = { responses: { 200: JSON_ANSWER } };

  describeConditions({ paths: { '/health/live': { get: probe } } } as never);

  expect(probe).toEqual({ responses: { 200: JSON_ANSWER } });
});

it('says no tag of a stream of events, which has no end that could be named', () => {
  const stream: Described = { responses: { 200: { content: { 'text/event-stream': {} } } as never } };

  describeConditions({ paths: { '/a': { get: { ...stream, security: token } } } } as never);

  expect(stream.responses[200]).toEqual({ content: { 'text/event-stream': {} } });
  expect(stream.responses).not.toHaveProperty('304');
});
