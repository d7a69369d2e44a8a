import { useMutation } from '@tanstack/react-query';
import { Bot, PartyPopper } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { readableNumber, useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useLiveEvents } from '../../live/Live.tsx';
import { useNumbers } from '../../numbers/numbers.ts';
import { useCaller } from '../../session/caller.ts';
import { simulatedNetwork } from '../../simulator/simulated-network.ts';
import { Button } from '../../ui/Button.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Loading, Notice } from '../../ui/States.tsx';
import { messages } from './messages.ts';
import styles from './WelcomeView.module.css';

const CUSTOMER = '5511988887777';

interface Arrived {
  from: string;
  text: string;
  at: string;
}

/** The third step: the first message comes in, and is shown the moment it does. */
export function FirstMessage({ numberId }: { numberId: string }) {
  const t = useMessages(messages);
  const [, go] = useLocation();
  const [arrived, setArrived] = useState<Arrived>();
  const number = useNumbers().data?.find(({ id }) => id === numberId)?.connected_phone_number;
  useLiveEvents(({ name, payload }) => {
    if (name === 'whatsapp:message' && payload.instanceId === numberId) {
      setArrived((first) => first ?? arrivedOf(payload));
    }
  });
  if (number === undefined || number === null) {
    return <Loading />;
  }
  if (arrived !== undefined) {
    return <ArrivedMessage message={arrived} onFinish={() => go('/')} />;
  }
  return (
    <div className={styles.waiting}>
      <Notice kind="good">{t('linkedTitle', { number: readableNumber(number) })}</Notice>
      <div role="status">
        <h2>{t('waiting')}</h2>
      </div>
      <p className={styles.muted}>{t('waitingText', { number: readableNumber(number) })}</p>
      <SimulatedCustomer to={number} />
    </div>
  );
}

function arrivedOf(payload: Record<string, unknown>): Arrived {
  return { from: String(payload['from']), text: String(payload['text']), at: String(payload['timestamp']) };
}

function ArrivedMessage({ message, onFinish }: { message: Arrived; onFinish: () => void }) {
  const t = useMessages(messages);
  const { time } = useFormats();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className={styles.step}>
      <div className={styles.waiting}>
        <PartyPopper size={36} aria-hidden />
        <h2 ref={heading} tabIndex={-1}>
          {t('arrived')}
        </h2>
      </div>
      <div className={styles.chat}>
        <div className={styles.bubble}>
          <p>{message.text}</p>
          <p className={styles.meta}>
            {t('from', { number: readableNumber(message.from) })} · {time(message.at)}
          </p>
        </div>
      </div>
      <p className={styles.muted}>{t('arrivedText')}</p>
      <Button look="main" isLarge onClick={onFinish}>
        {t('finish')}
      </Button>
    </div>
  );
}

/** Writes from a simulated phone, where the service runs the simulated network. */
function SimulatedCustomer({ to }: { to: string }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const { hasSimulator, may } = useCaller();
  const write = useMutation({
    mutationFn: async () => {
      const { number } = await simulatedNetwork.phone(CUSTOMER, t('customer'));
      await simulatedNetwork.post(`/phones/${number}/write`, { to, text: t('hello') });
    },
  });
  if (!hasSimulator || !may('admin')) {
    return null;
  }
  return (
    <>
      <Button icon={<Bot size={20} aria-hidden />} isBusy={write.isPending} onClick={() => write.mutate()}>
        {t('write')}
      </Button>
      {write.isError && <Notice kind="bad">{textOf(write.error)}</Notice>}
    </>
  );
}
