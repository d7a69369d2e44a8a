import { ApiError } from './api-error.ts';
import { answerOf } from './client.ts';

/** What was read, with the name of the state that it was in: sent back as `If-Match`, nobody undoes unseen what somebody else did. */
export interface Versioned<T> {
  answer: T;
  version: string;
}

/**
 * @param call of `api`, to a route whose `ETag` names the state of what it answers
 * @throws ApiError as `answerOf`
 */
export async function versionedAnswerOf<T>(
  call: Promise<{ data: T; response: Response }>,
): Promise<Versioned<T>> {
  let version = '';
  const answer = await answerOf(
    call.then((result) => {
      version = result.response.headers.get('etag') ?? '';
      return result;
    }),
  );
  return { answer, version };
}

/** @returns whether the service refused a change because somebody else was first */
export function isChangedMeanwhile(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'changed_meanwhile';
}
