import { useState } from 'react';
import { useLocation } from 'wouter';
import { answerOf, api } from '../../api/client.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Confirmation } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Card, Page } from '../../ui/Page.tsx';
import { Failed, Loading, Notice } from '../../ui/States.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { Deliveries } from './Deliveries.tsx';
import styles from './Integrations.module.css';
import { messages } from './messages.ts';
import { RedriveDialog } from './RedriveDialog.tsx';
import { RotateDialog } from './RotateDialog.tsx';
import { SecretDialog } from './SecretDialog.tsx';
import { WebhookForm } from './WebhookForm.tsx';
import { useWebhook, useWebhookChange, type Webhook } from './webhooks.ts';
import { WebhookState } from './WebhookState.tsx';

/** One webhook: how it does, what was sent, and all that can be done to it. */
export function WebhookPage({ id }: { id: string }) {
  const t = useMessages(messages);
  const webhook = useWebhook(id);
  return (
    <Page
      title={t('webhook')}
      lead={webhook.data?.url}
      back={{ to: '/integrations/webhooks', label: t('allWebhooks') }}
    >
      {webhook.data !== undefined ? (
        <>
          <WebhookCard webhook={webhook.data} />
          <Deliveries id={id} />
        </>
      ) : webhook.isError ? (
        <Failed error={webhook.error} onRetry={() => void webhook.refetch()} />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

type Doing = 'change' | 'rotate' | 'redrive' | 'remove' | { secret: string };

function WebhookCard({ webhook }: { webhook: Webhook }) {
  const t = useMessages(messages);
  const format = useFormats();
  const textOf = useErrorText();
  const [, go] = useLocation();
  const [doing, setDoing] = useState<Doing>();
  const stop = () => setDoing(undefined);
  const params = { path: { id: webhook.id } };
  const onError = (error: unknown) => toast(textOf(error), 'bad');
  const test = useWebhookChange(
    async () => (await answerOf(api.POST('/api/webhooks/{id}/test', { params }))).test,
  );
  const pause = useWebhookChange(() =>
    answerOf(api.PATCH('/api/webhooks/{id}', { params, body: { state: 'paused' } })),
  );
  const resume = useWebhookChange(() =>
    answerOf(api.POST('/api/webhooks/{id}/resume', { params, body: {} })),
  );
  const rotate = useWebhookChange((overlap_seconds: number) =>
    answerOf(api.POST('/api/webhooks/{id}/rotate-secret', { params, body: { overlap_seconds } })),
  );
  const remove = useWebhookChange(() => answerOf(api.DELETE('/api/webhooks/{id}', { params })));
  const { state, former_secret_expires_at: former, failing_since: failing, redrive } = webhook;
  return (
    <Card className={styles.card}>
      <div className={styles.state}>
        <WebhookState webhook={webhook} />
        {webhook.description !== '' && <span>{webhook.description}</span>}
      </div>
      {former !== null && <Notice>{t('formerSecret', { time: format.dateTime(former) })}</Notice>}
      {redrive !== null && (
        <Notice>{t('redriving', { after: String(redrive.after), until: String(redrive.until) })}</Notice>
      )}
      <div className={styles.actions}>
        <Button isBusy={test.isPending} onClick={() => test.mutate(undefined, { onError })}>
          {t('test')}
        </Button>
        {state === 'active' && (
          <Button isBusy={pause.isPending} onClick={() => pause.mutate(undefined, { onError })}>
            {t('pause')}
          </Button>
        )}
        {(state === 'paused' || failing !== null) && (
          <Button isBusy={resume.isPending} onClick={() => resume.mutate(undefined, { onError })}>
            {state === 'paused' ? t('resume') : t('tryNow')}
          </Button>
        )}
        <Button onClick={() => setDoing('redrive')}>{t('redrive')}</Button>
        <Button onClick={() => setDoing('rotate')}>{t('rotateSecret')}</Button>
        <Button onClick={() => setDoing('change')}>{t('change')}</Button>
        <Button look="quiet" onClick={() => setDoing('remove')}>
          {t('remove')}
        </Button>
      </div>
      {test.data !== undefined && (
        <div role="status">
          <Notice kind={test.data.delivered ? 'good' : 'bad'}>
            {test.data.delivered
              ? t('testGood', { status: String(test.data.response?.status), ms: test.data.duration_ms })
              : t('testBad', {
                  why: test.data.error ?? '',
                  status: String(test.data.response?.status ?? '–'),
                })}
          </Notice>
        </div>
      )}
      {doing === 'change' && (
        <WebhookForm
          webhook={webhook}
          onClose={stop}
          onSaved={() => {
            toast(t('saved'));
            stop();
          }}
        />
      )}
      {doing === 'redrive' && <RedriveDialog webhook={webhook} onClose={stop} />}
      {doing === 'rotate' && (
        <RotateDialog
          title={t('rotateSecret')}
          text={t('rotateSecretText')}
          isBusy={rotate.isPending}
          error={rotate.error}
          onClose={stop}
          onRotate={(seconds) => rotate.mutate(seconds, { onSuccess: ({ secret }) => setDoing({ secret }) })}
        />
      )}
      {typeof doing === 'object' && <SecretDialog title={t('secret')} secret={doing.secret} onClose={stop} />}
      {doing === 'remove' && (
        <Confirmation
          isOpen
          isDangerous
          onClose={stop}
          title={t('removeWebhook')}
          description={t('removeWebhookText')}
          action={t('remove')}
          errorOf={textOf}
          onConfirm={async () => {
            await remove.mutateAsync(undefined);
            go('/integrations/webhooks');
          }}
        />
      )}
    </Card>
  );
}
