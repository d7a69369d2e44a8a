import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answerOf, api } from '../api/client.ts';
import { type Versioned, versionedAnswerOf } from '../api/versions.ts';
import { useOrganizationId } from '../session/caller.ts';
import type { Contact } from './contacts.ts';

/** What is shown of contacts is read again after something was done to one. */
function useContactChange<Input, Output>(change: (input: Input, organizationId: string) => Promise<Output>) {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => change(input, organizationId),
    onSettled: () => queries.invalidateQueries({ queryKey: [organizationId] }),
  });
}

interface NewName {
  id: string;
  name: string | null;
  version: string;
}

/** Names a contact, where nobody else did since `version`; with null it has the name that it gives itself. */
export const useRenameContact = () =>
  useContactChange(async ({ id, name, version }: NewName, organization_id) => {
    const params = { path: { id }, header: { 'If-Match': version } };
    return (await answerOf(api.PATCH('/api/contacts/{id}', { params, body: { organization_id, name } })))
      .contact;
  });

/** @returns reads a contact as it is at this moment, with its version */
export const useReadContact = () => {
  const organizationId = useOrganizationId();
  return async (id: string): Promise<Versioned<Contact>> => {
    const params = { path: { id }, query: { organization_id: organizationId } };
    const { answer, version } = await versionedAnswerOf(api.GET('/api/contacts/{id}', { params }));
    return { answer: answer.contact, version };
  };
};

/** Makes one contact of two: `id` stays, `other` becomes part of it. */
export const useMergeContacts = () =>
  useContactChange(async ({ id, other, key }: { id: string; other: string; key: string }, organization_id) =>
    answerOf(
      api.POST('/api/contacts/{id}/merge', {
        params: { path: { id }, header: { 'Idempotency-Key': key } },
        body: { organization_id, contact_id: other },
      }),
    ),
  );

/** Takes a merge back. */
export const useUnmergeContact = () =>
  useContactChange(async ({ id, mergeId }: { id: string; mergeId: string }, organization_id) =>
    answerOf(
      api.POST('/api/contacts/{id}/unmerge', {
        params: { path: { id } },
        body: { organization_id, merge_id: mergeId },
      }),
    ),
  );
