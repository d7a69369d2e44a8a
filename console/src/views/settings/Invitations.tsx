import { type FormEvent, useState } from 'react';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Card } from '../../ui/Page.tsx';
import { Select } from '../../ui/Select.tsx';
import { Badge, Failed, Loading } from '../../ui/States.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { messages } from './messages.ts';
import styles from './Settings.module.css';
import { type Role, ROLES, useInvitations, usePutMember, useTeamErrorText, useWithdraw } from './team.ts';

const USER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Who is asked to belong to the business. */
export function Invitations() {
  const t = useMessages(messages);
  const format = useFormats();
  const textOf = useTeamErrorText();
  const invitations = useInvitations();
  const withdraw = useWithdraw();
  return (
    <Card className={styles.list}>
      <h2>{t('invitations')}</h2>
      {invitations.isError && invitations.data === undefined ? (
        <Failed error={invitations.error} onRetry={() => void invitations.refetch()} />
      ) : invitations.data === undefined ? (
        <Loading />
      ) : invitations.data.length === 0 ? (
        <p className={styles.quiet}>{t('noInvitations')}</p>
      ) : (
        <ul className={styles.list}>
          {invitations.data.map(({ id, user_id: user, role, state, expires_at: until }) => (
            <li key={id} className={styles.item}>
              <div className={styles.person}>
                <span className={styles.who}>
                  <strong>{user}</strong>
                  <span className={styles.small}>
                    {state === 'pending' ? t('pending', { date: format.date(until) }) : t('declined')}
                  </span>
                </span>
                <span className={styles.tools}>
                  <Badge kind="neutral">{t(role)}</Badge>
                  {state === 'pending' && (
                    <Button
                      onClick={() =>
                        withdraw.mutate(id, {
                          onSuccess: () => toast(t('withdrawn')),
                          onError: (error) => toast(textOf(error), 'bad'),
                        })
                      }
                    >
                      {t('withdraw')}
                      <span className="visually-hidden"> {user}</span>
                    </Button>
                  )}
                </span>
              </div>
            </li>
          ))}
        </ul>
      )}
      <InviteForm />
    </Card>
  );
}

function InviteForm() {
  const t = useMessages(messages);
  const textOf = useTeamErrorText();
  const put = usePutMember();
  const [user, setUser] = useState('');
  const [role, setRole] = useState<Role>('agent');
  const [isWrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const userId = user.trim();
    setWrong(!USER_ID.test(userId));
    if (!USER_ID.test(userId) || put.isPending) {
      return;
    }
    put.mutate(
      { userId, role },
      {
        onSuccess(answer) {
          toast(t('invitation' in answer ? 'invited' : 'added'));
          setUser('');
        },
      },
    );
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <h3>{t('invite')}</h3>
      <Field
        label={t('userId')}
        hint={t('inviteHint')}
        error={isWrong ? t('userIdWrong') : put.isError ? textOf(put.error) : undefined}
        value={user}
        onChange={setUser}
        spellCheck={false}
        autoComplete="off"
        maxLength={64}
      />
      <Select
        label={t('role')}
        value={role}
        options={ROLES.map((each) => [each, t(each)] as const)}
        onChange={setRole}
      />
      <div className={styles.actions}>
        <Button type="submit" isBusy={put.isPending}>
          {t('inviteAction')}
        </Button>
      </div>
    </form>
  );
}
