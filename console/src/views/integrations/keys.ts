import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '../../api/client.ts';
import { usePages } from '../../api/pages.ts';
import { useOrganizationId } from '../../session/caller.ts';

export type ApiKey = Schemas['ApiKeyResponse'];

const PAGE = 50;

/** The keys of the organization, the newest first; revoked ones included. */
export function useKeys() {
  const id = useOrganizationId();
  return usePages([id, 'api-keys'], async (cursor) => {
    const query = { limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const answer = await answerOf(
      api.GET('/api/organizations/{id}/api-keys', { params: { path: { id }, query } }),
    );
    return { rows: answer.api_keys, next: answer.next_cursor };
  });
}

/** Has the keys read again after something was done to one of them. */
export function useKeyChange<Input, Output>(
  change: (organizationId: string, input: Input) => Promise<Output>,
) {
  const id = useOrganizationId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => change(id, input),
    onSettled: () => queries.invalidateQueries({ queryKey: [id, 'api-keys'] }),
  });
}

/** @returns how a key stands at a moment */
export function keyState(
  { revoked_at, expires_at }: ApiKey,
  now = Date.now(),
): 'works' | 'expired' | 'revoked' {
  if (revoked_at !== null && Date.parse(revoked_at) <= now) {
    return 'revoked';
  }
  return expires_at !== null && Date.parse(expires_at) <= now ? 'expired' : 'works';
}
