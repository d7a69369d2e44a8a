import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { useMessages } from '../../i18n/I18n.tsx';
import { phoneDigits } from '../../numbers/phone-digits.ts';
import { simulatedNetwork, type SimulatedPhone } from '../../simulator/simulated-network.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { messages } from './messages.ts';
import { usePhoneAction, usePhones } from './phones.ts';
import styles from './Simulator.module.css';

const FIRST_CUSTOMER = 5_511_988_880_001n;

/** Makes a phone that is on WhatsApp. */
export function AddPhone({ onClose }: { onClose: () => void }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const [, go] = useLocation();
  const taken = new Set(usePhones().data?.map(({ number }) => number));
  const [name, setName] = useState('Ana');
  const [number, setNumber] = useState(() => `+${freeNumber(taken)}`);
  const [isMissing, setMissing] = useState(false);
  const add = usePhoneAction((phone: { name: string; number: string }) =>
    simulatedNetwork.post<SimulatedPhone>('/phones', phone),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(name.trim() === '');
    if (name.trim() !== '' && !add.isPending) {
      const phone = { name: name.trim(), number: phoneDigits(number, navigator.languages) };
      add.mutate(phone, { onSuccess: (made) => go(`/simulator/${made.number}`) });
    }
  };
  return (
    <Dialog isOpen onClose={onClose} title={t('add')} description={t('addText')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={t('name')}
          error={isMissing ? t('nameMissing') : undefined}
          value={name}
          onChange={setName}
          maxLength={100}
        />
        <Field
          label={t('number')}
          type="tel"
          error={add.isError ? textOf(add.error) : undefined}
          value={number}
          onChange={setNumber}
        />
        <Button type="submit" look="main" isLarge isBusy={add.isPending}>
          {t('add')}
        </Button>
      </form>
    </Dialog>
  );
}

function freeNumber(taken: ReadonlySet<string>): string {
  let number = FIRST_CUSTOMER;
  while (taken.has(String(number))) {
    number += 1n;
  }
  return String(number);
}
