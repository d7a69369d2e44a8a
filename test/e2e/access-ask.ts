import type { Call } from './access-rules.js';
import { type AccessWorld, bearer } from './access-world.js';

/** Everything of an answer but what differs from call to call. */
export async function ask(world: AccessWorld, name: string, { path, body }: Call, token: string | undefined) {
  const response = await fetch(world.http.url + path, {
    method: name.split(' ')[0]!,
    headers: { ...bearer(token), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  const headers = Object.fromEntries(
    [...response.headers].filter(([header]) => !['date', 'x-request-id', 'etag'].includes(header)),
  );
  return {
    status: response.status,
    headers,
    text: text.replace(/"requestId":"[^"]*"/, '"requestId":""'),
    code: /"code":"([^"]*)"/.exec(text)?.[1],
  };
}
