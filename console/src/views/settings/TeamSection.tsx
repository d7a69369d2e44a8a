import { useState } from 'react';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useCaller } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { Confirmation } from '../../ui/Dialog.tsx';
import { Card } from '../../ui/Page.tsx';
import { Select } from '../../ui/Select.tsx';
import { Badge, Failed, Loading } from '../../ui/States.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { Invitations } from './Invitations.tsx';
import { messages } from './messages.ts';
import styles from './Settings.module.css';
import {
  type Member,
  type Role,
  ROLES,
  useLeave,
  useMembers,
  usePutMember,
  useRemoveMember,
  useTeamErrorText,
} from './team.ts';

/** Who belongs to the business, with which role; and who is asked to. */
export function TeamSection() {
  const t = useMessages(messages);
  const { may, me } = useCaller();
  const textOf = useTeamErrorText();
  const members = useMembers();
  const put = usePutMember();
  const remove = useRemoveMember();
  const leave = useLeave();
  const [removing, setRemoving] = useState<Member>();
  const [isLeaving, setLeaving] = useState(false);
  const isMember = me.kind === 'user' && members.data?.some(({ user_id: id }) => id === me.id) === true;
  const setRole = (member: Member, role: Role) =>
    put.mutate(
      { userId: member.user_id, role },
      {
        onSuccess: () => toast(t('roleSaved')),
        onError: (error) => toast(textOf(error), 'bad'),
      },
    );
  if (members.isError && members.data === undefined) {
    return <Failed error={members.error} onRetry={() => void members.refetch()} />;
  }
  if (members.data === undefined) {
    return <Loading />;
  }
  return (
    <div className={styles.sections}>
      <Card className={styles.list}>
        <div className={styles.head}>
          <h2>{t('members')}</h2>
          <p className={styles.quiet}>{t('membersLead')}</p>
        </div>
        {members.data.length === 0 && <p className={styles.quiet}>{t('noMembers')}</p>}
        <ul className={styles.list}>
          {members.data.map((member) => (
            <li key={member.user_id} className={styles.item}>
              <MemberRow
                member={member}
                onRole={may('manage') ? (role) => setRole(member, role) : undefined}
                onRemove={may('manage') && member.user_id !== me.id ? () => setRemoving(member) : undefined}
              />
            </li>
          ))}
        </ul>
        {isMember && (
          <div className={styles.actions}>
            <Button onClick={() => setLeaving(true)}>{t('leave')}</Button>
          </div>
        )}
      </Card>
      {may('manage') && <Invitations />}
      {removing !== undefined && (
        <Confirmation
          isOpen
          onClose={() => setRemoving(undefined)}
          title={t('removeTitle')}
          description={t('removeText', { user: removing.user_id })}
          action={t('remove')}
          isDangerous
          errorOf={textOf}
          onConfirm={async () => {
            await remove.mutateAsync(removing.user_id);
            toast(t('removed'));
          }}
        />
      )}
      {isLeaving && (
        <Confirmation
          isOpen
          onClose={() => setLeaving(false)}
          title={t('leaveTitle')}
          description={t('leaveText')}
          action={t('leave')}
          isDangerous
          errorOf={textOf}
          onConfirm={() => leave.mutateAsync()}
        />
      )}
    </div>
  );
}

interface MemberRowProps {
  member: Member;
  onRole: ((role: Role) => void) | undefined;
  onRemove: (() => void) | undefined;
}

function MemberRow({ member, onRole, onRemove }: MemberRowProps) {
  const t = useMessages(messages);
  const format = useFormats();
  const { me } = useCaller();
  const { user_id: user, role } = member;
  const isMe = user === me.id;
  return (
    <div className={styles.person}>
      <span className={styles.who}>
        <strong>{isMe ? `${t('you')} (${me.name})` : user}</strong>
        <span className={styles.small}>{t('since', { date: format.date(member.created_at) })}</span>
      </span>
      <span className={styles.tools}>
        {onRole === undefined ? (
          <Badge kind="neutral">{t(role)}</Badge>
        ) : (
          <Select
            label={t('roleOf', { user: isMe ? t('you') : user })}
            isLabelHidden
            value={role}
            options={ROLES.map((each) => [each, t(each)] as const)}
            onChange={onRole}
          />
        )}
        {onRemove !== undefined && (
          <Button onClick={onRemove}>
            {t('remove')}
            <span className="visually-hidden"> {user}</span>
          </Button>
        )}
      </span>
    </div>
  );
}
