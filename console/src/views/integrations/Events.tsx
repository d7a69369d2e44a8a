import { RadioTower } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { usePages } from '../../api/pages.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useLiveEvents, useLiveState } from '../../live/Live.tsx';
import { useOrganizationId } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyText } from '../../ui/CopyText.tsx';
import { Field } from '../../ui/Field.tsx';
import { Pages } from '../../ui/Pages.tsx';
import { Select } from '../../ui/Select.tsx';
import { Empty, Loading } from '../../ui/States.tsx';
import styles from './Integrations.module.css';
import { messages } from './messages.ts';
import { EVENT_NAMES, type EventName } from './webhooks.ts';

interface StoredEvent {
  sequence: number;
  name: string;
  payload: object;
}

/** So many of those that come are kept on the page, shown no more often than this. */
const MAX_LIVE = 200;
const SHOW_EACH_MS = 250;
const PAGE = 50;

/** The organization's events: as they come, or from one on. */
export function Events() {
  const t = useMessages(messages);
  const [after, setAfter] = useState<number>();
  const [text, setText] = useState('0');
  const [name, setName] = useState<EventName | ''>('');
  const isLive = after === undefined;
  const isShown = (event: StoredEvent) => name === '' || event.name === name;
  const read = (event: FormEvent) => {
    event.preventDefault();
    setAfter(Math.max(0, Math.trunc(Number(text)) || 0));
  };
  return (
    <section className={styles.part} aria-label={t('events')}>
      <p>{t('eventsLead')}</p>
      <form className={styles.filters} onSubmit={read}>
        <Select
          label={t('kind')}
          value={name}
          options={[['', t('allEvents')], ...EVENT_NAMES.map((each) => [each, each] as const)]}
          onChange={setName}
        />
        <Field label={t('after')} type="number" min={0} value={text} onChange={setText} />
        <Button type="submit">{t('readFrom')}</Button>
        {!isLive && (
          <Button look="main" onClick={() => setAfter(undefined)}>
            {t('live')}
          </Button>
        )}
      </form>
      {isLive ? <LiveEvents isShown={isShown} /> : <EventPages key={after} after={after} isShown={isShown} />}
    </section>
  );
}

interface EventsProps {
  isShown: (event: StoredEvent) => boolean;
}

/** What comes while somebody looks, the newest first. */
function LiveEvents({ isShown }: EventsProps) {
  const t = useMessages(messages);
  const [events, setEvents] = useState<readonly StoredEvent[]>([]);
  const coming = useRef<StoredEvent[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLiveEvents(({ name, payload, sequence }) => {
    if (sequence === undefined) {
      return;
    }
    coming.current.unshift({ name, payload, sequence });
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const taken = coming.current.splice(0);
      setEvents((known) => [...taken, ...known].slice(0, MAX_LIVE));
    }, SHOW_EACH_MS);
  });
  const state = useLiveState();
  const shown = events.filter(isShown);
  if (state === 'starting') {
    return <Loading />;
  }
  return shown.length === 0 ? (
    <Empty icon={<RadioTower size={32} aria-hidden />} title={t('waiting')}>
      {t('waitingText')}
    </Empty>
  ) : (
    <EventList events={shown} />
  );
}

/** What was stored after a sequence, page after page, the oldest first. */
function EventPages({ after, isShown }: EventsProps & { after: number }) {
  const t = useMessages(messages);
  const organizationId = useOrganizationId();
  const events = usePages<StoredEvent>([organizationId, 'event-pages', after], async (cursor) => {
    const query = { organization_id: organizationId, after: Number(cursor ?? after), limit: PAGE };
    const answer = await answerOf(api.GET('/api/events', { params: { query } }));
    return { rows: answer.events, next: answer.has_more ? String(answer.last_sequence) : null };
  });
  return (
    <Pages
      list={events}
      empty={
        <Empty icon={<RadioTower size={32} aria-hidden />} title={t('noEvents')}>
          {t('noEventsText')}
        </Empty>
      }
    >
      {(rows) => <EventList events={rows.filter(isShown)} />}
    </Pages>
  );
}

function EventList({ events }: { events: readonly StoredEvent[] }) {
  const t = useMessages(messages);
  return (
    <ol className={styles.rows} aria-label={t('events')}>
      {events.map(({ sequence, name, payload }) => (
        <li key={sequence} className={styles.event}>
          <details>
            <summary>
              <code>{name}</code> <small>{t('sequence', { sequence: String(sequence) })}</small>
            </summary>
            <CopyText
              label={t('payloadOf', { sequence: String(sequence) })}
              text={JSON.stringify(payload, undefined, 2)}
            />
          </details>
        </li>
      ))}
    </ol>
  );
}
