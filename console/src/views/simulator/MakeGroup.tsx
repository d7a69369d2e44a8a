import { type FormEvent, useState } from 'react';
import { readableNumber } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { simulatedNetwork, type SimulatedPhone } from '../../simulator/simulated-network.ts';
import { Button } from '../../ui/Button.tsx';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { messages } from './messages.ts';
import { type SimulatedGroup, usePhoneAction, usePhones } from './phones.ts';
import styles from './Simulator.module.css';

interface MakeGroupProps {
  phone: SimulatedPhone;
  onMade: (id: string) => void;
  onClose: () => void;
}

/** Makes a group of the phone and others. */
export function MakeGroup({ phone, onMade, onClose }: MakeGroupProps) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const others = (usePhones().data ?? []).filter(({ number }) => number !== phone.number);
  const [subject, setSubject] = useState('');
  const [members, setMembers] = useState<ReadonlySet<string>>(new Set());
  const [isMissing, setMissing] = useState(false);
  const make = usePhoneAction((group: { subject: string; members: string }) =>
    simulatedNetwork.post<SimulatedGroup>('/groups', group),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(subject.trim() === '');
    if (subject.trim() !== '' && !make.isPending) {
      make.mutate(
        { subject: subject.trim(), members: [phone.number, ...members].join(',') },
        {
          onSuccess({ id }) {
            onClose();
            onMade(id);
          },
        },
      );
    }
  };
  const toggle = (number: string, isMember: boolean) => {
    const next = new Set(members);
    if (isMember) {
      next.add(number);
    } else {
      next.delete(number);
    }
    setMembers(next);
  };
  return (
    <Dialog isOpen onClose={onClose} title={t('makeGroup')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={t('subject')}
          error={isMissing ? t('nameMissing') : make.isError ? textOf(make.error) : undefined}
          value={subject}
          onChange={setSubject}
          maxLength={100}
        />
        <fieldset className={styles.choices}>
          <legend>{t('members')}</legend>
          {others.map(({ number, name }) => (
            <Checkbox
              key={number}
              isChecked={members.has(number)}
              onChange={(isMember) => toggle(number, isMember)}
            >
              {name} ({readableNumber(number)})
            </Checkbox>
          ))}
        </fieldset>
        <Button type="submit" look="main" isLarge isBusy={make.isPending}>
          {t('makeGroup')}
        </Button>
      </form>
    </Dialog>
  );
}
