import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Badge } from '../../ui/States.tsx';
import { messages } from './messages.ts';
import type { Webhook } from './webhooks.ts';

/** Whether a webhook is called, and whether that works. */
export function WebhookState({ webhook }: { webhook: Webhook }) {
  const t = useMessages(messages);
  const { dateTime } = useFormats();
  const { state, pause_reason: reason, failing_since: since } = webhook;
  if (state === 'paused') {
    return <Badge kind="warn">{reason === null ? t('paused') : t(`paused-${reason}`)}</Badge>;
  }
  return since === null ? (
    <Badge kind="good">{t('active')}</Badge>
  ) : (
    <Badge kind="bad">{t('failing', { time: dateTime(since) })}</Badge>
  );
}
