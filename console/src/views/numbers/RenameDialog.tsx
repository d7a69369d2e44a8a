import { answerOf, api } from '../../api/client.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useNumberChange, type WhatsappNumber } from '../../numbers/numbers.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { messages } from './messages.ts';
import { NameForm } from './NameForm.tsx';

export function RenameDialog({ number, onClose }: { number: WhatsappNumber; onClose: () => void }) {
  const t = useMessages(messages);
  const rename = useNumberChange((instance_name: string) =>
    answerOf(
      api.PATCH('/api/whatsapp/instances/{id}', {
        params: { path: { id: number.id } },
        body: { instance_name },
      }),
    ),
  );
  const save = (name: string) =>
    rename.mutate(name, {
      onSuccess() {
        toast(t('saved'));
        onClose();
      },
    });
  return (
    <Dialog isOpen onClose={onClose} title={t('rename')}>
      <NameForm
        initial={number.instance_name}
        action={t('save')}
        isBusy={rename.isPending}
        error={rename.error}
        onSubmit={save}
      />
    </Dialog>
  );
}
