import { useMutation } from '@tanstack/react-query';
import { Copy } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { answerOf, api } from '../api/client.ts';
import { readableNumber } from '../i18n/formats.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { useLiveEvents } from '../live/Live.tsx';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { useErrorText } from '../ui/error-text.ts';
import { Notice } from '../ui/States.tsx';
import { useCopy } from '../ui/use-copy.ts';
import { Countdown, useSecondsUntil } from './Countdown.tsx';
import styles from './LinkPhone.module.css';
import { useLinking } from './linking.ts';
import { messages } from './messages.ts';
import type { WhatsappNumber } from './numbers.ts';
import { phoneDigits } from './phone-digits.ts';
import { SimulatedTyping, useSimulatedOwner } from './SimulatedPhone.tsx';
import { ReasonNotice } from './Status.tsx';
import { Step, Steps } from './Steps.tsx';

const LIFE_MS = 60_000;

interface Props {
  number: Pick<WhatsappNumber, 'id' | 'phone_number'>;
  onLinked: () => void;
}

interface Code {
  text: string;
  expiresAt: number;
}

/** Shows a code to type on the phone, for as long as WhatsApp takes it. */
export function LinkByCode({ number: { id, phone_number: known }, onLinked }: Props) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const [text, setText] = useState(known === null ? '' : `+${known}`);
  const [isMissing, setMissing] = useState(false);
  const [code, setCode] = useState<Code>();
  const [end, setEnd] = useState<string>();
  const digits = phoneDigits(text, navigator.languages);
  const prepare = useSimulatedOwner();
  const connect = useMutation({
    async mutationFn() {
      await prepare(digits);
      const body = { method: 'code' as const, phone_number: digits };
      return answerOf(api.POST('/api/whatsapp/instances/{id}/connect', { params: { path: { id } }, body }));
    },
    onSuccess: ({ pairingCode }) => {
      if (pairingCode !== undefined) {
        setCode((shown) =>
          shown?.text === pairingCode ? shown : { text: pairingCode, expiresAt: Date.now() + LIFE_MS },
        );
      }
    },
  });
  useLiveEvents(({ name, payload }) => {
    if (name === 'whatsapp:pairing-code' && payload.instanceId === id) {
      setCode({ text: String(payload['pairingCode']), expiresAt: Date.parse(String(payload['expiresAt'])) });
    }
  });
  useLinking(id, {
    onLinked,
    onEnded: setEnd,
  });
  const ask = () => {
    setEnd(undefined);
    setCode(undefined);
    connect.mutate();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(digits === '');
    if (digits !== '') {
      ask();
    }
  };

  if (code === undefined) {
    const fault =
      connect.error instanceof ApiError && connect.error.status === 400 ? connect.error : undefined;
    return (
      <form className={styles.form} onSubmit={submit} noValidate>
        {end !== undefined && <ReasonNotice reason={end} />}
        {connect.isError && fault === undefined && <Notice kind="bad">{textOf(connect.error)}</Notice>}
        <Field
          label={t('phone')}
          hint={digits.length > 9 ? t('phoneRead', { number: readableNumber(digits) }) : t('phoneHint')}
          error={isMissing && digits === '' ? t('phoneMissing') : fault && textOf(fault)}
          type="tel"
          autoComplete="tel"
          inputMode="tel"
          value={text}
          onChange={setText}
        />
        <Button type="submit" look="main" isLarge isBusy={connect.isPending}>
          {t('getCode')}
        </Button>
      </form>
    );
  }
  return <ShownCode code={code} isBusy={connect.isPending} end={end} onAsk={ask} phoneNumber={digits} />;
}

interface ShownCodeProps {
  code: Code;
  isBusy: boolean;
  end: string | undefined;
  onAsk: () => void;
  phoneNumber: string;
}

function ShownCode({ code, isBusy, end, onAsk, phoneNumber }: ShownCodeProps) {
  const t = useMessages(messages);
  const seconds = useSecondsUntil(code.expiresAt);
  const isOver = seconds === 0 || end !== undefined;
  const copy = useCopy();
  return (
    <div className={styles.form}>
      <div className={styles.shown}>
        <p className={`${styles.code} ${isOver ? styles['code-over'] : ''}`}>
          <span className="visually-hidden">
            {t('codeLabel')}: {code.text.split('').join(' ')}
          </span>
          <CodeSigns text={code.text} />
        </p>
        {isOver ? (
          <div className={styles.form}>
            {end === undefined ? <Notice kind="warn">{t('codeOver')}</Notice> : <ReasonNotice reason={end} />}
            <Button look="main" isBusy={isBusy} onClick={onAsk}>
              {t('newCode')}
            </Button>
          </div>
        ) : (
          <>
            <Countdown seconds={seconds} of={LIFE_MS / 1000}>
              {t('valid', { seconds })}
            </Countdown>
            <Button icon={<Copy size={18} aria-hidden />} onClick={() => copy(code.text)}>
              {t('copy')}
            </Button>
            <SimulatedTyping code={code.text} phoneNumber={phoneNumber} />
          </>
        )}
      </div>
      <Steps>
        <Step picture="open">{t('step1')}</Step>
        <Step picture="menu">{t('step2')}</Step>
        <Step picture="number">{t('step3Code')}</Step>
        <Step picture="type">{t('step4Code')}</Step>
      </Steps>
    </div>
  );
}

/** One box for each sign. */
function CodeSigns({ text }: { text: string }) {
  return text.split('').map((sign, index) => (
    // oxlint-disable-next-line react/no-array-index-key -- the place is what tells one sign from another
    <span key={index} aria-hidden>
      {sign}
    </span>
  ));
}
