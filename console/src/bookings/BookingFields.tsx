import { useMessages } from '../i18n/I18n.tsx';
import { useServices } from '../organization/settings.ts';
import { Field } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { TextArea } from '../ui/TextArea.tsx';
import { type BookingDraft, timeFault, withService, withStart } from './booking-draft.ts';
import styles from './Bookings.module.css';
import { messages } from './messages.ts';

interface BookingFieldsProps {
  draft: BookingDraft;
  onChange: (draft: BookingDraft) => void;
  /** Once somebody tried to save it. */
  isChecked: boolean;
  /** What the service was called that is not among the organization's any more. */
  formerService?: string | undefined;
}

/** What people write of a booking. */
export function BookingFields({ draft, onChange, isChecked, formerService }: BookingFieldsProps) {
  const t = useMessages(messages);
  const services = useServices();
  const minutesOf = (id: string) => services.find((service) => service.id === id)?.duration_minutes;
  const fault = isChecked ? timeFault(draft) : undefined;
  const isFormer = draft.serviceId !== '' && minutesOf(draft.serviceId) === undefined;
  return (
    <>
      {(services.length > 0 || isFormer) && (
        <Select
          label={t('service')}
          value={draft.serviceId}
          options={[
            ['', t('noService')],
            ...services.map(
              ({ id, name, duration_minutes: minutes }) => [id, t('minutes', { name, minutes })] as const,
            ),
            ...(isFormer ? [[draft.serviceId, formerService ?? '–'] as const] : []),
          ]}
          onChange={(id) => onChange(withService(draft, id, minutesOf(id)))}
        />
      )}
      <Field
        label={t('title')}
        hint={t('titleHint')}
        value={draft.title}
        onChange={(title) => onChange({ ...draft, title })}
        maxLength={200}
      />
      <div className={styles.pair}>
        <Field
          type="datetime-local"
          label={t('start')}
          error={fault === 'startMissing' ? t('startMissing') : undefined}
          value={draft.startsAt}
          onChange={(startsAt) => onChange(withStart(draft, startsAt, minutesOf(draft.serviceId)))}
        />
        <Field
          type="datetime-local"
          label={t('end')}
          error={fault === 'endTooEarly' ? t('endTooEarly') : undefined}
          value={draft.endsAt}
          onChange={(endsAt) => onChange({ ...draft, endsAt })}
        />
      </div>
      <p className={styles.hint}>{t('times')}</p>
      <TextArea
        label={t('notes')}
        value={draft.notes}
        onChange={(notes) => onChange({ ...draft, notes })}
        maxLength={10_000}
      />
    </>
  );
}
