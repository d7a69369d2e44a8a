import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { encode } from 'uqr';
import { ApiError } from '../api/api-error.ts';
import { answerOf, api } from '../api/client.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { useLiveEvents } from '../live/Live.tsx';
import { useOrganizationId } from '../session/caller.ts';
import { Button } from '../ui/Button.tsx';
import { useErrorText } from '../ui/error-text.ts';
import { Loading, Notice } from '../ui/States.tsx';
import { Countdown, useSecondsUntil } from './Countdown.tsx';
import styles from './LinkPhone.module.css';
import { useLinking } from './linking.ts';
import { messages } from './messages.ts';
import type { WhatsappNumber } from './numbers.ts';
import { SimulatedScan } from './SimulatedPhone.tsx';
import { ReasonNotice } from './Status.tsx';
import { Step, Steps } from './Steps.tsx';

/** How long WhatsApp takes the first code of a connection, and each further one. */
const FIRST_MS = 60_000;
const NEXT_MS = 20_000;
/** After so many rounds without anybody at the phone the page asks whether somebody is there. */
const MAX_ROUNDS = 5;
/** Ends of a round after which a new one begins by itself. */
const GOES_ON = new Set(['qr_expired', 'service_restarted']);
/** A code that does not come in this time has not been asked for any more, such as where another page asked for one to type. */
const MISSING_MS = 30_000;

interface Props {
  number: Pick<WhatsappNumber, 'id' | 'phone_number'>;
  onLinked: () => void;
}

/** Shows QR codes, always the one that is valid now, until a phone scanned one. */
export function LinkByQr({ number: { id }, onLinked }: Props) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const [end, setEnd] = useState<string>();
  const rounds = useRef(0);
  const { code, forget } = useQrCode(id);
  const connect = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/whatsapp/instances/{id}/connect', {
          params: { path: { id } },
          body: { method: 'qr' },
        }),
      ),
  });
  const begin = () => {
    rounds.current += 1;
    setEnd(undefined);
    forget();
    connect.mutate();
  };
  useLinking(id, {
    onLinked,
    onEnded(reason) {
      if (GOES_ON.has(reason) && rounds.current < MAX_ROUNDS && document.visibilityState === 'visible') {
        begin();
      } else {
        setEnd(reason);
      }
    },
  });
  const hasBegun = useRef(false);
  useEffect(() => {
    if (!hasBegun.current) {
      hasBegun.current = true;
      begin();
    }
  });
  const isMissing = code === undefined && end === undefined;
  useEffect(() => {
    if (isMissing) {
      const timer = setTimeout(() => setEnd('qr_expired'), MISSING_MS);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [isMissing]);

  if (connect.isError || end !== undefined) {
    return (
      <div className={styles.form}>
        {end === undefined ? (
          <Notice kind="bad">{textOf(connect.error)}</Notice>
        ) : end === 'qr_expired' ? (
          <Notice kind="warn">{t('paused')}</Notice>
        ) : (
          <ReasonNotice reason={end} />
        )}
        <Button
          look="main"
          onClick={() => {
            rounds.current = 0;
            begin();
          }}
        >
          {t('goOn')}
        </Button>
      </div>
    );
  }
  return (
    <div className={styles['with-steps']}>
      <Steps>
        <Step picture="open">{t('step1')}</Step>
        <Step picture="menu">{t('step2')}</Step>
        <Step picture="scan">{t('step3Qr')}</Step>
      </Steps>
      <div className={styles.shown}>
        <QrPicture code={code?.text} />
        {code !== undefined && <Renewal code={code} />}
        {code !== undefined && <SimulatedScan qr={code.text} />}
      </div>
    </div>
  );
}

interface Code {
  text: string;
  issuedAt: number;
  isFirst: boolean;
}

/** The code of now. Events say that there is another one; it is read from the route, which knows since when it is. */
function useQrCode(id: string): { code: Code | undefined; forget: () => void } {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  const queryKey = [organizationId, 'qr', id];
  const seen = useRef(new Set<string>());
  useLiveEvents(({ name, payload }) => {
    if (name === 'whatsapp:qr' && payload.instanceId === id) {
      void queries.invalidateQueries({ queryKey });
    }
  });
  const { data } = useQuery({
    queryKey,
    queryFn: async (): Promise<Code | null> => {
      try {
        const answer = (await answerOf(
          api.GET('/api/whatsapp/instances/{id}/qr', { params: { path: { id }, query: { format: 'json' } } }),
        )) as { qr: string; issued_at: string };
        seen.current.add(answer.qr);
        return { text: answer.qr, issuedAt: Date.parse(answer.issued_at), isFirst: seen.current.size === 1 };
      } catch (error) {
        if (error instanceof ApiError && error.code === 'qr_not_available') {
          return null;
        }
        throw error;
      }
    },
    refetchInterval: 5_000,
    structuralSharing: (old, next) =>
      (old as Code | null)?.text === (next as Code | null)?.text ? old : next,
    gcTime: 0,
  });
  return {
    code: data ?? undefined,
    forget() {
      seen.current.clear();
      queries.setQueryData(queryKey, null);
    },
  };
}

function Renewal({ code: { issuedAt, isFirst } }: { code: Code }) {
  const t = useMessages(messages);
  const lifeMs = isFirst ? FIRST_MS : NEXT_MS;
  const seconds = useSecondsUntil(issuedAt + lifeMs);
  return (
    <Countdown seconds={seconds} of={lifeMs / 1000}>
      {t('newIn', { seconds })}
    </Countdown>
  );
}

function QrPicture({ code }: { code: string | undefined }) {
  const t = useMessages(messages);
  if (code === undefined) {
    return (
      <div className={`${styles.qr} ${styles.waiting}`}>
        <Loading label={t('qrSoon')} />
      </div>
    );
  }
  const { data, size } = encode(code, { ecc: 'L', border: 1 });
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  return (
    <div className={styles.qr}>
      <svg viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" role="img" aria-label={t('qrAlt')}>
        <path d={path} fill="currentColor" />
      </svg>
    </div>
  );
}
