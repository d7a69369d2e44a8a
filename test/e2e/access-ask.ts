import { textOf } from '../support/api-client.js';
import type { Call } from './access-rules.js';
import { type AccessFixture, bearer } from './access-fixture.js';

/** What differs from call to call, or is about the connection that the call happened to have. */
const OF_THE_CALL = new Set(['date', 'x-request-id', 'etag', 'connection', 'keep-alive']);

/** Everything of an answer but what differs from call to call. */
export async function ask(
  fixture: AccessFixture,
  name: string,
  { path, body }: Call,
  token: string | undefined,
) {
  const response = await fetch(fixture.http.url + path, {
    method: name.split(' ')[0]!,
    headers: { ...bearer(token), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await textOf(response);
  const headers = Object.fromEntries([...response.headers].filter(([header]) => !OF_THE_CALL.has(header)));
  return {
    status: response.status,
    headers,
    text: text.replace(/"requestId":"[^"]*"/, '"requestId":""'),
    code: /"code":"([^"]*)"/.exec(text)?.[1],
  };
}
