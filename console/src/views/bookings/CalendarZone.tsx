import { useMessages } from '../../i18n/I18n.tsx';
import { useSettings } from '../../organization/settings.ts';
import styles from './Calendar.module.css';
import { messages } from './messages.ts';

/** Says so where the business has another time than the device, by which the calendar goes. */
export function CalendarZone() {
  const t = useMessages(messages);
  const settings = useSettings().data?.answer.settings;
  // Before anybody set one, it is nobody's time zone.
  if (settings === undefined || settings.updated_at === null || isTimeOfDevice(settings.time_zone)) {
    return null;
  }
  return <p className={styles.quiet}>{t('otherZone', { zone: settings.time_zone })}</p>;
}

function isTimeOfDevice(zone: string): boolean {
  const now = new Date();
  const timeIn = (timeZone?: string) =>
    new Intl.DateTimeFormat('en', {
      dateStyle: 'short',
      timeStyle: 'short',
      ...(timeZone && { timeZone }),
    }).format(now);
  return timeIn(zone) === timeIn();
}
