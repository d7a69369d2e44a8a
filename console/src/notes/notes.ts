import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/api-error.ts';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { versionedAnswerOf } from '../api/versions.ts';
import { useOrganizationId } from '../session/caller.ts';

export type Note = Schemas['NoteResponse'];

/** One note with its version. */
export const noteQuery = (organizationId: string, id: string) =>
  queryOptions({
    queryKey: [organizationId, 'notes', 'one', id],
    queryFn: () => readNote(organizationId, id),
  });

const readNote = (organizationId: string, id: string) =>
  versionedAnswerOf(
    api.GET('/api/notes/{id}', { params: { path: { id }, query: { organization_id: organizationId } } }),
  );

/** Writes a note anew, where nobody else did since `version`. */
export function useChangeNote() {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, text, version }: { id: string; text: string; version: string }) =>
      answerOf(
        api.PATCH('/api/notes/{id}', {
          params: { path: { id }, header: { 'If-Match': version } },
          body: { organization_id: organizationId, text },
        }),
      ),
    onSettled: (_answer, _error, { id }) =>
      queries.invalidateQueries({ queryKey: noteQuery(organizationId, id).queryKey }),
  });
}

/** Deletes a note. Fails with `changed_meanwhile` where it is not as it was shown. */
export function useDeleteNote() {
  const organizationId = useOrganizationId();
  return useMutation({
    mutationFn: async ({ id, content }: Note) => {
      const { answer, version } = await readNote(organizationId, id);
      if (answer.note.content !== content) {
        throw new ApiError('changed_meanwhile', 412, 'Somebody else changed it since it was read.');
      }
      const params = {
        path: { id },
        query: { organization_id: organizationId },
        header: { 'If-Match': version },
      };
      return answerOf(api.DELETE('/api/notes/{id}', { params }));
    },
  });
}
