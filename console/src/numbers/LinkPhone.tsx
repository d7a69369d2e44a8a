import { QrCode, SmartphoneNfc, TextCursorInput } from 'lucide-react';
import { useState } from 'react';
import { useMessages } from '../i18n/I18n.tsx';
import { Button } from '../ui/Button.tsx';
import styles from './LinkPhone.module.css';
import { LinkByCode } from './LinkByCode.tsx';
import { LinkByQr } from './LinkByQr.tsx';
import { messages } from './messages.ts';
import type { WhatsappNumber } from './numbers.ts';

interface LinkPhoneProps {
  number: Pick<WhatsappNumber, 'id' | 'phone_number'>;
  /** Told once when the number is linked. */
  onLinked: () => void;
}

/** Leads somebody through linking a number, by QR code or by a code to type. */
export function LinkPhone({ number, onLinked }: LinkPhoneProps) {
  const t = useMessages(messages);
  const [way, setWay] = useState<'qr' | 'code'>();
  if (way === undefined) {
    return (
      <div className={styles.ways}>
        <h2>{t('howTo')}</h2>
        <WayButton icon={<QrCode size={28} aria-hidden />} text={t('byQrText')} onClick={() => setWay('qr')}>
          {t('byQr')}
        </WayButton>
        <WayButton
          icon={<TextCursorInput size={28} aria-hidden />}
          text={t('byCodeText')}
          onClick={() => setWay('code')}
        >
          {t('byCode')}
        </WayButton>
      </div>
    );
  }
  const Way = way === 'qr' ? LinkByQr : LinkByCode;
  return (
    <div className={styles.linking}>
      <Way number={number} onLinked={onLinked} />
      <Button look="quiet" icon={<SmartphoneNfc size={20} aria-hidden />} onClick={() => setWay(undefined)}>
        {t('otherWay')}
      </Button>
    </div>
  );
}

interface WayButtonProps {
  icon: React.ReactNode;
  text: string;
  onClick: () => void;
  children: string;
}

function WayButton({ icon, text, onClick, children }: WayButtonProps) {
  return (
    <button type="button" className={styles.way} onClick={onClick}>
      <span className={styles['way-icon']}>{icon}</span>
      <span>
        <strong>{children}</strong>
        <small>{text}</small>
      </span>
    </button>
  );
}
