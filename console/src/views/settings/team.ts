import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { ApiError } from '../../api/api-error.ts';
import { answerOf, api, type Schemas } from '../../api/client.ts';
import { allPagesOf } from '../../api/pages.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useOrganizationId } from '../../session/caller.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { messages } from './messages.ts';

export type Member = Schemas['MemberResponse'];
export type Invitation = Schemas['InvitationResponse'];
export type Role = Member['role'];
export const ROLES = ['owner', 'agent', 'viewer'] as const satisfies readonly Role[];

export function useMembers() {
  const id = useOrganizationId();
  return useQuery({
    queryKey: [id, 'team', 'members'],
    queryFn: () =>
      allPagesOf(async (cursor) => {
        const params = { path: { id }, query: { limit: 100, ...(cursor !== undefined && { cursor }) } };
        const { members, next_cursor } = await answerOf(
          api.GET('/api/organizations/{id}/members', { params }),
        );
        return { items: members, next: next_cursor };
      }),
  });
}

export function useInvitations() {
  const id = useOrganizationId();
  return useQuery({
    queryKey: [id, 'team', 'invitations'],
    queryFn: async () => {
      const params = { path: { id }, query: { limit: 100 } };
      return (await answerOf(api.GET('/api/organizations/{id}/invitations', { params }))).invitations;
    },
  });
}

/** Changes the team, which is read again then. */
function useTeamChange<Input, Output>(change: (input: Input, id: string) => Promise<Output>) {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => change(input, organizationId),
    onSettled: () => queries.invalidateQueries({ queryKey: [organizationId, 'team'] }),
  });
}

/** Gives a member a role; a user who is none is invited, or is one at once where an administrator says so. */
export const usePutMember = () =>
  useTeamChange(({ userId, role }: { userId: string; role: Role }, id) =>
    answerOf(
      api.PUT('/api/organizations/{id}/members/{userId}', {
        params: { path: { id, userId } },
        body: { role },
      }),
    ),
  );

export const useRemoveMember = () =>
  useTeamChange((userId: string, id) =>
    answerOf(api.DELETE('/api/organizations/{id}/members/{userId}', { params: { path: { id, userId } } })),
  );

export const useWithdraw = () =>
  useTeamChange((invitationId: string, id) =>
    answerOf(
      api.DELETE('/api/organizations/{id}/invitations/{invitationId}', {
        params: { path: { id, invitationId } },
      }),
    ),
  );

/** Leaves the organization; what the caller may do is found out anew. */
export function useLeave() {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answerOf(api.DELETE('/api/me/memberships/{organizationId}', { params: { path: { organizationId } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['me'] }),
  });
}

const KNOWN = {
  last_owner: 'lastOwner',
  role_not_held: 'roleNotHeld',
  too_many_members: 'tooMany',
  too_many_invitations: 'tooMany',
  user_has_too_many_invitations: 'tooMany',
  invitation_declined: 'invitationDeclined',
  expiry_not_held: 'expiryNotHeld',
} as const;

/** @returns says in plain words why the team could not be changed */
export function useTeamErrorText(): (error: unknown) => string {
  const t = useMessages(messages);
  const textOf = useErrorText();
  return useCallback(
    (error) =>
      error instanceof ApiError && error.code in KNOWN
        ? t(KNOWN[error.code as keyof typeof KNOWN])
        : textOf(error),
    [t, textOf],
  );
}
