import { WifiOff } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useMessages } from '../i18n/I18n.tsx';
import { useLiveState } from '../live/Live.tsx';
import { toast } from '../ui/Toasts.tsx';
import { messages } from './messages.ts';
import styles from './OfflineBanner.module.css';

/** Says that the page is cut off, for as long as it is, and once that it is not any more. */
export function OfflineBanner() {
  const t = useMessages(messages);
  const state = useLiveState();
  const wasOffline = useRef(false);
  useEffect(() => {
    if (state === 'live' && wasOffline.current) {
      toast(t('back'));
    }
    wasOffline.current = state === 'offline';
  }, [state, t]);
  return (
    <div role="status" className={styles.place}>
      {state === 'offline' && (
        <p className={styles.banner}>
          <WifiOff size={20} aria-hidden />
          {t('offline')}
        </p>
      )}
    </div>
  );
}
