import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answerOf, api } from '../../api/client.ts';
import { useOrganizationId } from '../../session/caller.ts';
import { historyKey } from './history.ts';

/** Writes a note about a contact: once under a key, however often it is sent. */
export function useAddNote(contactId: string) {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ text, key }: { text: string; key: string }) =>
      answerOf(
        api.POST('/api/contacts/{id}/notes', {
          params: { path: { id: contactId }, header: { 'Idempotency-Key': key } },
          body: { organization_id: organizationId, text },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: historyKey(organizationId, contactId) }),
  });
}
