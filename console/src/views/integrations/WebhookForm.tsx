import { type FormEvent, useState } from 'react';
import { ApiError } from '../../api/api-error.ts';
import { answerOf, api } from '../../api/client.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useNumbers } from '../../numbers/numbers.ts';
import { useOrganizationId } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { Select } from '../../ui/Select.tsx';
import { Notice } from '../../ui/States.tsx';
import styles from './Integrations.module.css';
import { messages } from './messages.ts';
import { ALL_EVENTS, EVENT_NAMES, type EventName, useWebhookChange, type Webhook } from './webhooks.ts';

interface WebhookFormProps {
  /** The one that is changed; a new one where it is left out. */
  webhook?: Webhook;
  onClose: () => void;
  /** With the secret of a new one. */
  onSaved: (secret?: string) => void;
}

/** Where events are sent, and which. */
export function WebhookForm({ webhook, onClose, onSaved }: WebhookFormProps) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const organizationId = useOrganizationId();
  const numbers = useNumbers().data ?? [];
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [description, setDescription] = useState(webhook?.description ?? '');
  const [instance, setInstance] = useState(webhook?.instance_id ?? '');
  const [events, setEvents] = useState<readonly EventName[]>(webhook?.events ?? [ALL_EVENTS]);
  const [isMissing, setMissing] = useState(false);
  const save = useWebhookChange(async (): Promise<string | undefined> => {
    const body = {
      url: url.trim(),
      // One that had one keeps it where nothing is written: the service takes no empty one.
      ...(description.trim() !== '' && { description: description.trim() }),
      instance_id: instance === '' ? null : instance,
      events: [...events],
    };
    if (webhook !== undefined) {
      const params = { path: { id: webhook.id } };
      await answerOf(api.PATCH('/api/webhooks/{id}', { params, body }));
      return undefined;
    }
    const created = api.POST('/api/webhooks', { body: { organization_id: organizationId, ...body } });
    return (await answerOf(created)).secret;
  });
  const isAll = events.includes(ALL_EVENTS);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(url.trim() === '');
    if (url.trim() !== '' && events.length > 0 && !save.isPending) {
      save.mutate(undefined, { onSuccess: onSaved });
    }
  };
  return (
    <Dialog isOpen onClose={onClose} title={webhook === undefined ? t('createWebhook') : t('changeWebhook')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={t('url')}
          hint={t('urlHint')}
          error={isMissing ? t('urlMissing') : isAboutUrl(save.error) ? textOf(save.error) : undefined}
          type="url"
          spellCheck={false}
          value={url}
          onChange={setUrl}
        />
        <Field label={t('description')} value={description} onChange={setDescription} maxLength={500} />
        <Select
          label={t('number')}
          value={instance}
          options={[
            ['', t('allNumbers')],
            ...numbers.map(({ id, instance_name: name }) => [id, name] as const),
          ]}
          onChange={setInstance}
        />
        <fieldset className={styles.choices}>
          <legend>{t('events')}</legend>
          <Checkbox isChecked={isAll} onChange={(isChecked) => setEvents(isChecked ? [ALL_EVENTS] : [])}>
            {t('allEvents')}
          </Checkbox>
          {!isAll &&
            EVENT_NAMES.map((name) => (
              <Checkbox
                key={name}
                isChecked={events.includes(name)}
                onChange={(isChecked) =>
                  setEvents(EVENT_NAMES.filter((each) => (each === name ? isChecked : events.includes(each))))
                }
              >
                <code>{name}</code>
              </Checkbox>
            ))}
        </fieldset>
        {save.isError && !isAboutUrl(save.error) && <Notice kind="bad">{textOf(save.error)}</Notice>}
        {events.length === 0 && <Notice kind="warn">{t('eventsMissing')}</Notice>}
        <Button type="submit" look="main" isLarge isBusy={save.isPending}>
          {webhook === undefined ? t('createWebhook') : t('save')}
        </Button>
      </form>
    </Dialog>
  );
}

function isAboutUrl(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.code === 'url_not_allowed' || error.details.some(({ path }) => path === 'url'))
  );
}
