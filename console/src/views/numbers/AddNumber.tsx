import { useMessages } from '../../i18n/I18n.tsx';
import { useCreateNumber, type WhatsappNumber } from '../../numbers/numbers.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { messages } from './messages.ts';
import { NameForm } from './NameForm.tsx';

interface AddNumberProps {
  isOpen: boolean;
  onClose: () => void;
  onAdded: (number: WhatsappNumber) => void;
}

/** Makes a number, which is linked next. */
export function AddNumber({ isOpen, onClose, onAdded }: AddNumberProps) {
  const t = useMessages(messages);
  const create = useCreateNumber();
  const add = (name: string) =>
    create.mutate(
      { name, phoneNumber: undefined },
      { onSuccess: (made) => onAdded({ ...UNLINKED, ...made }) },
    );
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t('addTitle')}>
      <NameForm initial="" action={t('goOn')} isBusy={create.isPending} error={create.error} onSubmit={add} />
    </Dialog>
  );
}

/** What the answer to making a number leaves out. */
const UNLINKED = {
  connected_phone_number: null,
  last_connected_at: null,
  last_disconnect_reason: null,
  restriction: null,
  history: 'store',
  groups: 'ignore',
  messages_sent_count: 0,
  messages_received_count: 0,
  updated_at: '',
} as const;
