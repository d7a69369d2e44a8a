import { Plus, X } from 'lucide-react';
import { useLocale, useMessages } from '../../i18n/I18n.tsx';
import type { Settings } from '../../organization/settings.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { Field } from '../../ui/Field.tsx';
import fields from '../../ui/Field.module.css';
import { messages } from './messages.ts';
import {
  fromField,
  hoursFault,
  type Interval,
  nextInterval,
  type OfficeHours,
  toField,
  USUAL_HOURS,
  WEEKDAYS,
} from './office-hours.ts';
import styles from './Settings.module.css';
import { SettingsForm } from './SettingsForm.tsx';

/** When the business is open. */
export function HoursSection() {
  const t = useMessages(messages);
  const { locale } = useLocale();
  // The first of January of 2024 was a Monday.
  const dayName = (place: number) =>
    new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(
      Date.UTC(2024, 0, 1 + place),
    );
  return (
    <SettingsForm
      title={t('hours')}
      lead={t('hoursLead')}
      read={({ office_hours: hours, time_zone: zone }: Settings) => ({ hours, zone })}
      toChange={({ hours }) => {
        const fault = hours === null ? undefined : hoursFault(hours);
        return fault === undefined ? { office_hours: hours } : t(fault);
      }}
    >
      {(draft, setDraft) => {
        const setHours = (hours: OfficeHours | null) => setDraft({ ...draft, hours });
        const { hours } = draft;
        return (
          <>
            <Checkbox
              isChecked={hours === null}
              onChange={(isAlways) => setHours(isAlways ? null : USUAL_HOURS)}
            >
              {t('alwaysOpen')}
            </Checkbox>
            {hours !== null && (
              <>
                <p className={styles.small}>{t('hoursZone', { zone: draft.zone })}</p>
                <div>
                  {WEEKDAYS.map((day, place) => (
                    <Day
                      key={day}
                      name={dayName(place)}
                      intervals={hours.weekly.filter((interval) => interval.day === day)}
                      onChange={(intervals) =>
                        setHours({
                          ...hours,
                          weekly: WEEKDAYS.flatMap((each) =>
                            each === day
                              ? intervals.map(({ opens, closes }) => ({ day, opens, closes }))
                              : hours.weekly.filter((interval) => interval.day === each),
                          ),
                        })
                      }
                    />
                  ))}
                </div>
                <fieldset className={styles.group}>
                  <legend>{t('exceptions')}</legend>
                  <p className={styles.small}>{t('exceptionsHint')}</p>
                  {hours.exceptions.map(({ date, intervals }, place) => (
                    <Exception
                      // The place is all that names one whose date is being written.
                      // oxlint-disable-next-line react/no-array-index-key
                      key={place}
                      date={date}
                      intervals={intervals}
                      onChange={(changed) =>
                        setHours({
                          ...hours,
                          exceptions: hours.exceptions.flatMap((each, at) =>
                            at !== place ? [each] : changed === undefined ? [] : [changed],
                          ),
                        })
                      }
                    />
                  ))}
                  <div>
                    <Button
                      icon={<Plus size={20} aria-hidden />}
                      onClick={() =>
                        setHours({ ...hours, exceptions: [...hours.exceptions, { date: '', intervals: [] }] })
                      }
                    >
                      {t('exceptionAdd')}
                    </Button>
                  </div>
                </fieldset>
              </>
            )}
          </>
        );
      }}
    </SettingsForm>
  );
}

interface ExceptionProps {
  date: string;
  intervals: readonly Interval[];
  onChange: (changed: OfficeHours['exceptions'][number] | undefined) => void;
}

function Exception({ date, intervals, onChange }: ExceptionProps) {
  const t = useMessages(messages);
  return (
    <div className={styles.item}>
      <div className={styles.row}>
        <Field
          type="date"
          label={t('date')}
          value={date}
          onChange={(next) => onChange({ date: next, intervals: [...intervals] })}
        />
        <IconButton label={t('removeNamed', { name: date })} onClick={() => onChange(undefined)}>
          <X size={20} aria-hidden />
        </IconButton>
      </div>
      <Intervals
        name={date}
        intervals={intervals}
        onChange={(next) => onChange({ date, intervals: [...next] })}
      />
    </div>
  );
}

interface DayProps {
  name: string;
  intervals: readonly Interval[];
  onChange: (intervals: readonly Interval[]) => void;
}

function Day(props: DayProps) {
  return (
    <div className={styles.day} role="group" aria-label={props.name}>
      <span className={styles['day-name']} aria-hidden>
        {props.name}
      </span>
      <Intervals {...props} />
    </div>
  );
}

function Intervals({ name, intervals, onChange }: DayProps) {
  const t = useMessages(messages);
  const set = (place: number, changes: Partial<Interval>) =>
    onChange(
      intervals.map((interval, at) =>
        at === place ? { opens: interval.opens, closes: interval.closes, ...changes } : interval,
      ),
    );
  return (
    <div className={styles.intervals}>
      {intervals.length === 0 && <span className={styles.closed}>{t('closed')}</span>}
      {intervals.map(({ opens, closes }, place) => (
        // Times change as they are written, and two may be the same for a moment.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={place} className={styles.interval}>
          <input
            type="time"
            className={`${fields.input} ${styles.time}`}
            aria-label={t('opens', { day: name })}
            value={opens}
            onChange={(event) => set(place, { opens: event.target.value })}
          />
          <span aria-hidden>–</span>
          <input
            type="time"
            className={`${fields.input} ${styles.time}`}
            aria-label={t('closes', { day: name })}
            value={toField(closes)}
            onChange={(event) => set(place, { closes: fromField(event.target.value) })}
          />
          <IconButton
            label={t('removeHours', { day: name, opens, closes })}
            onClick={() => onChange(intervals.filter((_, at) => at !== place))}
          >
            <X size={20} aria-hidden />
          </IconButton>
        </div>
      ))}
      {intervals.length < 10 && (
        <div>
          <Button
            look="quiet"
            icon={<Plus size={18} aria-hidden />}
            onClick={() => onChange([...intervals, nextInterval(intervals)])}
          >
            {t('addHours')}
            <span className="visually-hidden">: {name}</span>
          </Button>
        </div>
      )}
    </div>
  );
}
