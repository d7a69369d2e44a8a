import { type FormEvent, useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { toast } from '../../ui/Toasts.tsx';
import styles from './Integrations.module.css';
import { messages } from './messages.ts';
import { useWebhookChange, type Webhook } from './webhooks.ts';

/** Has events delivered once more, such as after the receiver lost some. */
export function RedriveDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const [after, setAfter] = useState('0');
  const [until, setUntil] = useState(String(webhook.last_sequence));
  const redrive = useWebhookChange((body: { after: number; until: number }) =>
    answerOf(api.POST('/api/webhooks/{id}/redrive', { params: { path: { id: webhook.id } }, body })),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!redrive.isPending) {
      redrive.mutate(
        { after: Number(after), until: Number(until) },
        {
          onSuccess() {
            toast(t('redriveBegun'));
            onClose();
          },
        },
      );
    }
  };
  return (
    <Dialog isOpen onClose={onClose} title={t('redrive')} description={t('redriveText')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field label={t('redriveAfter')} type="number" min={0} value={after} onChange={setAfter} />
        <Field
          label={t('redriveUntil')}
          type="number"
          min={1}
          error={redrive.isError ? textOf(redrive.error) : undefined}
          value={until}
          onChange={setUntil}
        />
        <Button type="submit" look="main" isLarge isBusy={redrive.isPending}>
          {t('redrive')}
        </Button>
      </form>
    </Dialog>
  );
}
