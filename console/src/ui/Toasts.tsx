import { Toast } from '@base-ui/react/toast';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMessages } from '../i18n/I18n.tsx';
import { IconButton } from './Button.tsx';
import { messages } from './messages.ts';
import styles from './Toasts.module.css';

const LASTS_MS = 6_000;
const manager = Toast.createToastManager();

/** Says briefly that something happened, to screen readers too. What needs an answer is no toast. */
export function toast(title: string, kind: 'good' | 'bad' = 'good'): void {
  manager.add({ title, type: kind, priority: kind === 'bad' ? 'high' : 'low', timeout: LASTS_MS });
}

export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className={styles.corner}>
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const t = useMessages(messages);
  const { toasts } = Toast.useToastManager();
  return toasts.map((each) => (
    <Toast.Root key={each.id} toast={each} className={styles.toast} swipeDirection={['down', 'right']}>
      <Toast.Content className={styles.content}>
        <Toast.Title className={styles.title} />
        <Toast.Close
          render={
            <IconButton label={t('close')}>
              <X size={18} aria-hidden />
            </IconButton>
          }
        />
      </Toast.Content>
    </Toast.Root>
  ));
}
