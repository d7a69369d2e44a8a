import { ScanLine } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../../api/api-error.ts';
import { answerOf, api } from '../../api/client.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useNumbers } from '../../numbers/numbers.ts';
import { simulatedNetwork, type SimulatedPhone } from '../../simulator/simulated-network.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { Notice } from '../../ui/States.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { messages } from './messages.ts';
import { usePhoneAction } from './phones.ts';
import styles from './Simulator.module.css';

const MAX_WAIT_MS = 20_000;
const LOOK_AGAIN_MS = 500;

/** Codes that are typed have eight characters; those in a picture have many more, with commas between. */
const isQr = (code: string) => code.includes(',');

/** The phone scans the QR code of a number that waits for one, or types or scans what is written here. */
export function LinkPhone({ phone, onClose }: { phone: SimulatedPhone; onClose: () => void }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const [code, setCode] = useState('');
  const [isMissing, setMissing] = useState(false);
  const waiting = (useNumbers().data ?? []).filter(({ status }) => status !== 'connected');
  const use = usePhoneAction((text: string) =>
    isQr(text)
      ? simulatedNetwork.post(`/phones/${phone.number}/scan`, { qr: text })
      : simulatedNetwork.post(`/phones/${phone.number}/type-code`, { code: text.replaceAll(/[\s-]/g, '') }),
  );
  const onSuccess = () => {
    toast(t('linkedToast', { name: phone.name }));
    onClose();
  };
  const scan = usePhoneAction(async (id: string) => use.mutateAsync(await qrOf(id), { onSuccess }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(code.trim() === '');
    if (code.trim() !== '' && !use.isPending) {
      use.mutate(code.trim(), { onSuccess });
    }
  };
  return (
    <Dialog isOpen onClose={onClose} title={t('linkTitle', { name: phone.name })} description={t('linkText')}>
      <div className={styles.form}>
        {waiting.map(({ id, instance_name: name }) => (
          <Button
            key={id}
            icon={<ScanLine size={20} aria-hidden />}
            isBusy={scan.isPending && scan.variables === id}
            onClick={() => scan.mutate(id)}
          >
            {t('scan', { name })}
          </Button>
        ))}
        {waiting.length === 0 && <Notice>{t('noneWaits')}</Notice>}
        {scan.isError && <Notice kind="bad">{textOf(scan.error)}</Notice>}
        <form className={styles.form} onSubmit={submit} noValidate>
          <Field
            label={t('code')}
            hint={t('codeHint')}
            error={
              isMissing ? t('codeMissing') : use.isError && !scan.isError ? textOf(use.error) : undefined
            }
            value={code}
            onChange={setCode}
            autoCapitalize="characters"
            spellCheck={false}
          />
          <Button type="submit" look="main" isBusy={use.isPending && !scan.isPending}>
            {t('useCode')}
          </Button>
        </form>
      </div>
    </Dialog>
  );
}

/** Has the number show a QR code, and reads it: WhatsApp gives it a moment later. */
async function qrOf(id: string): Promise<string> {
  const params = { path: { id } };
  await answerOf(api.POST('/api/whatsapp/instances/{id}/connect', { params, body: { method: 'qr' } }));
  for (const deadline = Date.now() + MAX_WAIT_MS; ;) {
    try {
      const query = { format: 'json' as const };
      const call = api.GET('/api/whatsapp/instances/{id}/qr', { params: { ...params, query } });
      return ((await answerOf(call)) as { qr: string }).qr;
    } catch (error) {
      const isComing = error instanceof ApiError && error.code === 'qr_not_available';
      if (!isComing || Date.now() > deadline) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }
}
