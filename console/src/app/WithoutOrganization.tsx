import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Building2 } from 'lucide-react';
import { answerOf, api } from '../api/client.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { useCaller } from '../session/caller.ts';
import { session } from '../session/session.ts';
import { Button } from '../ui/Button.tsx';
import { Card, Page } from '../ui/Page.tsx';
import { Empty } from '../ui/States.tsx';
import { messages } from './messages.ts';

/** For a user who is a member of nothing yet: invitations, or how to come by one. */
export function WithoutOrganization() {
  const t = useMessages(messages);
  const { me } = useCaller();
  const queries = useQueryClient();
  const invitations = useQuery({
    queryKey: ['invitations'],
    queryFn: async () => (await answerOf(api.GET('/api/me/invitations'))).invitations,
    enabled: me.kind === 'user',
    refetchInterval: 15_000,
  });
  const reply = useMutation({
    mutationFn: ({ id, isAccepted }: { id: string; isAccepted: boolean }) => {
      const params = { path: { id } };
      return isAccepted
        ? answerOf(api.POST('/api/me/invitations/{id}/accept', { params }))
        : answerOf(api.POST('/api/me/invitations/{id}/decline', { params }));
    },
    onSuccess: () => queries.invalidateQueries(),
  });
  const [first] = invitations.data ?? [];
  return (
    <main>
      <Page title={first === undefined ? t('noBusiness') : t('invitedTo')}>
        <Card>
          {first === undefined ? (
            <Empty icon={<Building2 size={30} aria-hidden />} title={t('noBusiness')}>
              {t('noBusinessText', { id: me.id })}
            </Empty>
          ) : (
            <Empty
              icon={<Building2 size={30} aria-hidden />}
              title={t('invitation', { organization: first.organization_name, role: first.role })}
              action={
                <>
                  <Button look="main" onClick={() => reply.mutate({ id: first.id, isAccepted: true })}>
                    {t('accept')}
                  </Button>
                  <Button onClick={() => reply.mutate({ id: first.id, isAccepted: false })}>
                    {t('decline')}
                  </Button>
                </>
              }
            />
          )}
        </Card>
        <Button look="quiet" onClick={() => void session.signOut()}>
          {t('signOut')}
        </Button>
      </Page>
    </main>
  );
}
