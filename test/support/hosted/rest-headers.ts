import { AnswerError, errorAnswer, UnruledError } from './answer.js';

/** What supabase-js and Node's fetch send by themselves, and what has a rule here. */
const KNOWN_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'accept-profile',
  'apikey',
  'authorization',
  'connection',
  'content-length',
  'content-profile',
  'content-type',
  'host',
  'prefer',
  'range',
  'range-unit',
  'sec-fetch-mode',
  'transfer-encoding',
  'user-agent',
  'x-client-info',
]);
const KNOWN_ACCEPTS = new Set(['application/json', '*/*', 'application/vnd.pgrst.object+json']);
/** Exposed by Settings → API → "Exposed schemas" of a new project. */
const SCHEMAS = ['public', 'graphql_public'];

/**
 * @throws UnruledError for a header that nobody thought of
 * @throws AnswerError PGRST106 (ApiRequest.hs, `getSchema`)
 */
export function checkHeaders(method: string, headers: Headers): void {
  for (const name of headers.keys()) {
    if (!KNOWN_HEADERS.has(name)) {
      throw new UnruledError(`the header "${name}"`);
    }
  }
  const accept = headers.get('accept') ?? '*/*';
  if (!KNOWN_ACCEPTS.has(accept)) {
    throw new UnruledError(`"Accept: ${accept}"`);
  }
  const type = headers.get('content-type');
  if (type !== null && type !== 'application/json') {
    throw new UnruledError(`"Content-Type: ${type}"`);
  }
  const isRead = method === 'GET' || method === 'HEAD';
  const profile = headers.get(isRead ? 'accept-profile' : 'content-profile');
  if (profile === 'graphql_public') {
    throw new UnruledError(`the schema "${profile}"`);
  }
  if (profile !== null && !SCHEMAS.includes(profile)) {
    throw new AnswerError(
      errorAnswer(406, 'PGRST106', `Invalid schema: ${profile}`, {
        hint: `Only the following schemas are exposed: ${SCHEMAS.join(', ')}`,
      }),
    );
  }
}
