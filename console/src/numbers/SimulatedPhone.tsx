import { useMutation } from '@tanstack/react-query';
import { Bot } from 'lucide-react';
import { useMessages } from '../i18n/I18n.tsx';
import { useCaller } from '../session/caller.ts';
import { simulatedNetwork } from '../simulator/simulated-network.ts';
import { Button } from '../ui/Button.tsx';
import { useErrorText } from '../ui/error-text.ts';
import { Notice } from '../ui/States.tsx';
import { messages } from './messages.ts';
import styles from './LinkPhone.module.css';

/** Of the phone that is taken where the number is not said. */
const SOME_NUMBER = '5511999887766';
const NAME = 'Simulated phone';

/** Of the simulated network a number has to be there before WhatsApp gives a code for it, as in the real one. @returns makes it so */
export function useSimulatedOwner(): (phoneNumber: string) => Promise<void> {
  const { hasSimulator, may } = useCaller();
  return async (phoneNumber) => {
    if (hasSimulator && may('admin')) {
      await simulatedNetwork.phone(phoneNumber, NAME);
    }
  };
}

/** A simulated phone that scans the code that is shown, where the service runs the simulated network. */
export function SimulatedScan({ qr }: { qr: string }) {
  return (
    <SimulatedAction
      act={async () => {
        const { number } = await freePhone();
        await simulatedNetwork.post(`/phones/${number}/scan`, { qr });
      }}
    />
  );
}

/** A simulated phone that types the code that is shown. */
export function SimulatedTyping({ code, phoneNumber }: { code: string; phoneNumber: string }) {
  return (
    <SimulatedAction
      act={async () => {
        const { number } = await simulatedNetwork.phone(phoneNumber, NAME);
        await simulatedNetwork.post(`/phones/${number}/type-code`, { code });
      }}
    />
  );
}

function SimulatedAction({ act }: { act: () => Promise<void> }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const { hasSimulator, may } = useCaller();
  const action = useMutation({ mutationFn: act });
  if (!hasSimulator || !may('admin')) {
    return null;
  }
  return (
    <div className={styles.shown}>
      <Button icon={<Bot size={20} aria-hidden />} isBusy={action.isPending} onClick={() => action.mutate()}>
        {t('simulated')}
      </Button>
      {action.isError && <Notice kind="bad">{textOf(action.error)}</Notice>}
    </div>
  );
}

/** A phone that no device is linked to yet: a number that is linked already would be refused. */
async function freePhone() {
  const { phones } = await simulatedNetwork.get<{
    phones: { number: string; name: string; devices: unknown[] }[];
  }>('/phones');
  const free = phones.find(({ name, devices }) => name === NAME && devices.length === 0);
  const taken = new Set(phones.map(({ number }) => number));
  let number = BigInt(SOME_NUMBER);
  while (taken.has(String(number))) {
    number += 1n;
  }
  return free ?? simulatedNetwork.phone(String(number), NAME);
}
