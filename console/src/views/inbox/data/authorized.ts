import { ApiError, toApiError } from '../../../api/api-error.ts';
import { BASE } from '../../../app/base.ts';
import { session } from '../../../session/session.ts';

/** An answer, as far as one says whether it has to be asked for again with another token. */
interface Answer {
  status: number;
  body: () => Promise<unknown>;
}

/**
 * For what the client of the API has no way for: large files, and how far they are.
 * @param path of the service, such as what it says of a file
 * @param send makes the call
 * @returns what was answered
 * @throws ApiError where the service refused it, or did not answer
 */
export async function authorized<T extends Answer>(
  path: string,
  send: (url: URL, headers: Record<string, string>) => Promise<T>,
): Promise<T> {
  const url = new URL(path.replace(/^\//, ''), BASE);
  const attempt = (token: string | undefined) =>
    send(url, token === undefined ? {} : { Authorization: `Bearer ${token}` }).catch((cause: unknown) => {
      throw isAbort(cause) ? cause : new ApiError('network', 0, 'The service did not answer.');
    });
  const token = await session.token();
  let answer = await attempt(token);
  if (answer.status === 401 && token !== undefined) {
    const renewed = await session.renew(token);
    answer = renewed === undefined ? answer : await attempt(renewed);
  }
  if (answer.status < 200 || answer.status >= 300) {
    throw toApiError(answer.status, await answer.body().catch(() => undefined));
  }
  return answer;
}

export function isAbort(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === 'AbortError';
}
