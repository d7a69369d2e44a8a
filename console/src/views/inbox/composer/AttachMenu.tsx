import { Camera, FileText, Image, Paperclip } from 'lucide-react';
import { useRef } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { IconButton } from '../../../ui/Button.tsx';
import { Menu, MenuItem } from '../../../ui/Menu.tsx';
import { messages } from '../messages.ts';

/** Chooses files to send: pictures and videos, any file, or a picture that the camera takes now. */
export function AttachMenu({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const t = useMessages(messages);
  const pictures = useRef<HTMLInputElement>(null);
  const documents = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const input = {
    type: 'file',
    hidden: true,
    onChange: ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
      onFiles([...(currentTarget.files ?? [])]);
      // The same file may be chosen again.
      currentTarget.value = '';
    },
  } as const;
  return (
    <>
      <Menu
        trigger={
          <IconButton label={t('attach')}>
            <Paperclip size={22} aria-hidden />
          </IconButton>
        }
      >
        <MenuItem icon={<Image size={20} aria-hidden />} onClick={() => pictures.current?.click()}>
          {t('attachPictures')}
        </MenuItem>
        <MenuItem icon={<FileText size={20} aria-hidden />} onClick={() => documents.current?.click()}>
          {t('attachDocument')}
        </MenuItem>
        <MenuItem icon={<Camera size={20} aria-hidden />} onClick={() => camera.current?.click()}>
          {t('attachCamera')}
        </MenuItem>
      </Menu>
      <input {...input} ref={pictures} accept="image/jpeg,image/png,video/mp4,video/3gpp" multiple />
      <input {...input} ref={documents} multiple />
      <input {...input} ref={camera} accept="image/*" capture="environment" />
    </>
  );
}
