import { Copy } from 'lucide-react';
import { useMessages } from '../i18n/I18n.tsx';
import { Button } from './Button.tsx';
import styles from './CopyText.module.css';
import { messages } from './messages.ts';
import { useCopy } from './use-copy.ts';

interface CopyTextProps {
  /** What it is, for screen readers. */
  label: string;
  text: string;
}

/** Text as programs read it, with a button that copies it. */
export function CopyText({ label, text }: CopyTextProps) {
  const t = useMessages(messages);
  const copy = useCopy();
  return (
    <div className={styles.frame}>
      <pre className={styles.text} aria-label={label} role="region">
        <code>{text}</code>
      </pre>
      <Button icon={<Copy size={18} aria-hidden />} onClick={() => copy(text)}>
        {t('copy')}
        <span className="visually-hidden">: {label}</span>
      </Button>
    </div>
  );
}
