import { Ban } from 'lucide-react';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import type { WhatsappNumber } from '../../numbers/numbers.ts';
import { Notice } from '../../ui/States.tsx';
import { messages } from './messages.ts';

/** What WhatsApp limits of a number, and until when. */
export function RestrictionNotice({
  restriction,
}: {
  restriction: NonNullable<WhatsappNumber['restriction']>;
}) {
  const t = useMessages(messages);
  const { dateTime } = useFormats();
  const { until } = restriction;
  return (
    <Notice kind="warn" icon={<Ban size={20} aria-hidden />}>
      {until === null ? t('restricted') : t('restrictedUntil', { until: dateTime(until) })}
    </Notice>
  );
}
