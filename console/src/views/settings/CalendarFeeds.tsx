import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CalendarPlus, KeyRound } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { ApiError } from '../../api/api-error.ts';
import { answerOf, api, type Schemas } from '../../api/client.ts';
import { randomId } from '../../api/random-id.ts';
import { BASE } from '../../app/base.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useOrganizationId } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyText } from '../../ui/CopyText.tsx';
import { Confirmation } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { Card } from '../../ui/Page.tsx';
import { Failed, Loading, Notice } from '../../ui/States.tsx';
import { messages } from './messages.ts';
import styles from './Settings.module.css';

type Feed = Schemas['CalendarFeedResponse'];
type Issued = Schemas['IssuedCalendarFeedAnswer'];

/** Addresses under which calendars show the bookings. An address is shown when it is made, and never again. */
export function CalendarFeeds() {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const id = useOrganizationId();
  const queries = useQueryClient();
  const queryKey = [id, 'calendar-feeds'];
  const [issued, setIssued] = useState<Issued>();
  const [asked, setAsked] = useState<{ what: 'rotate' | 'remove'; feed: Feed }>();
  const feeds = useQuery({
    queryKey,
    queryFn: async () => {
      const params = { path: { id }, query: { limit: 100 } };
      return (await answerOf(api.GET('/api/organizations/{id}/calendar-feeds', { params }))).calendar_feeds;
    },
  });
  const readAgain = () => queries.invalidateQueries({ queryKey });
  const confirm = async ({ what, feed }: NonNullable<typeof asked>) => {
    const params = { path: { id, feedId: feed.id } };
    if (what === 'rotate') {
      setIssued(
        await answerOf(api.POST('/api/organizations/{id}/calendar-feeds/{feedId}/rotate', { params })),
      );
    } else {
      await answerOf(api.DELETE('/api/organizations/{id}/calendar-feeds/{feedId}', { params }));
      setIssued((shown) => (shown?.calendar_feed.id === feed.id ? undefined : shown));
    }
    await readAgain();
  };
  return (
    <Card className={styles.list}>
      <div className={styles.head}>
        <h2>{t('calendars')}</h2>
        <p className={styles.quiet}>{t('calendarsLead')}</p>
      </div>
      <Notice kind="warn" icon={<KeyRound size={20} aria-hidden />}>
        {t('calendarsSecret')}
      </Notice>
      {issued !== undefined && <Address issued={issued} />}
      {feeds.isError && feeds.data === undefined ? (
        <Failed error={feeds.error} onRetry={() => void feeds.refetch()} />
      ) : feeds.data === undefined ? (
        <Loading />
      ) : feeds.data.length === 0 ? (
        <p className={styles.quiet}>{t('noCalendars')}</p>
      ) : (
        <ul className={styles.list}>
          {feeds.data.map((feed) => (
            <li key={feed.id} className={styles.item}>
              <FeedRow feed={feed} onAsk={(what) => setAsked({ what, feed })} />
            </li>
          ))}
        </ul>
      )}
      <NewFeed
        onIssued={(made) => {
          setIssued(made);
          void readAgain();
        }}
      />
      {asked !== undefined && (
        <Confirmation
          isOpen
          onClose={() => setAsked(undefined)}
          title={t(asked.what === 'rotate' ? 'rotateTitle' : 'calendarRemoveTitle', {
            name: asked.feed.name,
          })}
          description={t(asked.what === 'rotate' ? 'rotateText' : 'calendarRemoveText')}
          action={t(asked.what === 'rotate' ? 'rotate' : 'remove')}
          isDangerous
          errorOf={textOf}
          onConfirm={() => confirm(asked)}
        />
      )}
    </Card>
  );
}

function Address({ issued }: { issued: Issued }) {
  const t = useMessages(messages);
  const address = new URL(issued.path.replace(/^\//, ''), BASE).href;
  return (
    <div className={styles.list} role="status">
      <Notice kind="good">{t('calendarCreated')}</Notice>
      <CopyText label={t('calendarAddress')} text={address} />
      <a href={address.replace(/^https?:/, 'webcal:')}>{t('calendarSubscribe')}</a>
    </div>
  );
}

function FeedRow({ feed, onAsk }: { feed: Feed; onAsk: (what: 'rotate' | 'remove') => void }) {
  const t = useMessages(messages);
  const format = useFormats();
  return (
    <div className={styles.person}>
      <span className={styles.who}>
        <strong>{feed.name}</strong>
        <span className={styles.small}>
          {feed.rotated_at === null
            ? t('calendarMade', { date: format.date(feed.created_at) })
            : t('calendarRotated', { date: format.date(feed.rotated_at) })}
        </span>
      </span>
      <span className={styles.tools}>
        <Button onClick={() => onAsk('rotate')}>
          {t('rotate')}
          <span className="visually-hidden"> {feed.name}</span>
        </Button>
        <Button onClick={() => onAsk('remove')}>
          {t('remove')}
          <span className="visually-hidden"> {feed.name}</span>
        </Button>
      </span>
    </div>
  );
}

function NewFeed({ onIssued }: { onIssued: (issued: Issued) => void }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const id = useOrganizationId();
  const key = useRef(randomId());
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/organizations/{id}/calendar-feeds', {
          params: { path: { id }, header: { 'Idempotency-Key': key.current } },
          body: name.trim() === '' ? {} : { name: name.trim() },
        }),
      ),
    onSuccess(issued) {
      key.current = randomId();
      setName('');
      onIssued(issued);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!create.isPending) {
      create.mutate();
    }
  };
  const isFull = create.error instanceof ApiError && create.error.code === 'too_many_calendar_feeds';
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Field
        label={t('calendarName')}
        value={name}
        onChange={(next) => {
          key.current = randomId();
          setName(next);
        }}
        maxLength={100}
        error={create.isError ? (isFull ? t('tooManyCalendars') : textOf(create.error)) : undefined}
      />
      <div className={styles.actions}>
        <Button
          type="submit"
          look="main"
          icon={<CalendarPlus size={20} aria-hidden />}
          isBusy={create.isPending}
        >
          {t('calendarCreate')}
        </Button>
      </div>
    </form>
  );
}
