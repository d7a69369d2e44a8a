import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Confirmation } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Card } from '../../ui/Page.tsx';
import { Pages } from '../../ui/Pages.tsx';
import { Badge, Empty } from '../../ui/States.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { CreateKey } from './CreateKey.tsx';
import styles from './Integrations.module.css';
import { type ApiKey, keyState, useKeyChange, useKeys } from './keys.ts';
import { messages } from './messages.ts';
import { RotateDialog } from './RotateDialog.tsx';
import { SecretDialog } from './SecretDialog.tsx';

/** What is being done, to which key. */
type Doing =
  | { what: 'create' }
  | { what: 'rotate' | 'revoke'; key: ApiKey }
  | { what: 'show'; name: string; secret: string };

export function KeyList() {
  const t = useMessages(messages);
  const format = useFormats();
  const textOf = useErrorText();
  const keys = useKeys();
  const [doing, setDoing] = useState<Doing>();
  const stop = () => setDoing(undefined);
  const rotate = useKeyChange((id, { keyId, seconds }: { keyId: string; seconds: number }) =>
    answerOf(
      api.POST('/api/organizations/{id}/api-keys/{keyId}/rotate', {
        params: { path: { id, keyId } },
        body: { overlap_seconds: seconds },
      }),
    ),
  );
  const revoke = useKeyChange((id, keyId: string) =>
    answerOf(api.DELETE('/api/organizations/{id}/api-keys/{keyId}', { params: { path: { id, keyId } } })),
  );
  const create = (
    <Button look="main" icon={<Plus size={20} aria-hidden />} onClick={() => setDoing({ what: 'create' })}>
      {t('createKey')}
    </Button>
  );
  const columns: Column<ApiKey>[] = [
    {
      title: t('name'),
      cell: ({ name, prefix }) => (
        <>
          <strong>{name}</strong> <code>{prefix}…</code>
        </>
      ),
    },
    { title: t('scopes'), cell: ({ scopes }) => scopes.map((scope) => t(`scope-${scope}`)).join(', ') },
    { title: t('state'), cell: (key) => <KeyState apiKey={key} /> },
    {
      title: t('lastUsed'),
      cell: ({ last_used_at: used }) => (used === null ? t('never') : format.ago(used)),
    },
    {
      title: t('actions'),
      cell: (key) =>
        keyState(key) === 'works' && (
          <span className={styles.actions}>
            <Button onClick={() => setDoing({ what: 'rotate', key })}>
              {t('rotate')}
              <span className="visually-hidden"> {key.name}</span>
            </Button>
            <Button look="quiet" onClick={() => setDoing({ what: 'revoke', key })}>
              {t('revoke')}
              <span className="visually-hidden"> {key.name}</span>
            </Button>
          </span>
        ),
    },
  ];
  return (
    <section className={styles.part} aria-label={t('keys')}>
      <div className={styles.head}>
        <p>{t('keysLead')}</p>
        {keys.data !== undefined && keys.data.length > 0 && create}
      </div>
      <Pages
        list={keys}
        empty={
          <Empty icon={<KeyRound size={32} aria-hidden />} title={t('noKeys')} action={create}>
            {t('noKeysText')}
          </Empty>
        }
      >
        {(rows) => (
          <Card>
            <Table label={t('keys')} columns={columns} rows={rows} keyOf={({ id }) => id} />
          </Card>
        )}
      </Pages>
      {doing?.what === 'create' && (
        <CreateKey onClose={stop} onCreated={(name, secret) => setDoing({ what: 'show', name, secret })} />
      )}
      {doing?.what === 'show' && (
        <SecretDialog title={t('keyOf', { name: doing.name })} secret={doing.secret} onClose={stop} />
      )}
      {doing?.what === 'rotate' && (
        <RotateDialog
          title={t('rotateKey', { name: doing.key.name })}
          text={t('rotateKeyText')}
          isBusy={rotate.isPending}
          error={rotate.error}
          onClose={stop}
          onRotate={(seconds) =>
            rotate.mutate(
              { keyId: doing.key.id, seconds },
              { onSuccess: ({ key }) => setDoing({ what: 'show', name: doing.key.name, secret: key }) },
            )
          }
        />
      )}
      {doing?.what === 'revoke' && (
        <Confirmation
          isOpen
          isDangerous
          onClose={stop}
          title={t('revokeKey', { name: doing.key.name })}
          description={t('revokeKeyText')}
          action={t('revoke')}
          errorOf={textOf}
          onConfirm={async () => {
            await revoke.mutateAsync(doing.key.id);
            toast(t('revokedToast', { name: doing.key.name }));
          }}
        />
      )}
    </section>
  );
}

function KeyState({ apiKey }: { apiKey: ApiKey }) {
  const t = useMessages(messages);
  const format = useFormats();
  const state = keyState(apiKey);
  const ends = [apiKey.expires_at, apiKey.revoked_at].filter((each) => each !== null).toSorted()[0];
  return (
    <>
      <Badge kind={state === 'works' ? 'good' : 'neutral'}>{t(state)}</Badge>{' '}
      {state === 'works' && ends !== undefined && (
        <small>{t('until', { time: format.dateTime(ends) })}</small>
      )}
    </>
  );
}
