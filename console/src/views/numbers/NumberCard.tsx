import { Activity, EllipsisVertical, Link2, Pencil, Trash2, Unlink } from 'lucide-react';
import { readableNumber } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import type { WhatsappNumber } from '../../numbers/numbers.ts';
import { ReasonNotice, StatusBadge } from '../../numbers/Status.tsx';
import { useCaller } from '../../session/caller.ts';
import { Button, ButtonLink, IconButton } from '../../ui/Button.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { Card } from '../../ui/Page.tsx';
import { messages } from './messages.ts';
import styles from './Numbers.module.css';
import { RestrictionNotice } from './RestrictionNotice.tsx';

interface NumberCardProps {
  number: WhatsappNumber;
  onAction: (what: 'link' | 'rename' | 'log-out' | 'remove') => void;
}

/** One number: how it stands, what is wrong, and what can be done. */
export function NumberCard({ number, onAction }: NumberCardProps) {
  const t = useMessages(messages);
  const { may } = useCaller();
  const { id, instance_name: name, status, last_disconnect_reason: reason } = number;
  const phone = number.connected_phone_number ?? number.phone_number;
  const wasLinked = number.last_connected_at !== null || reason === 'logged_out';
  // One that was linked connects again by itself.
  const isComingBack = status === 'connecting' && number.connected_phone_number !== null;
  const isLinkable = status !== 'connected' && !isComingBack;
  return (
    <Card className={styles.card}>
      <div className={styles.top}>
        <div className={styles.who}>
          <h2>{name}</h2>
          <p className={styles.phone}>{phone === null ? t('noPhone') : readableNumber(phone)}</p>
        </div>
        <StatusBadge status={status} />
      </div>
      {status !== 'connected' && reason !== null && <ReasonNotice reason={reason} />}
      {number.restriction !== null && <RestrictionNotice restriction={number.restriction} />}
      <div className={styles.actions}>
        {may('manage') && isLinkable && (
          <Button look="main" icon={<Link2 size={20} aria-hidden />} onClick={() => onAction('link')}>
            {wasLinked ? t('relink') : t('link')}
          </Button>
        )}
        <ButtonLink to={`/numbers/${id}`} icon={<Activity size={20} aria-hidden />}>
          {t('details')}
          <span className="visually-hidden"> {name}</span>
        </ButtonLink>
        {may('manage') && (
          <Menu
            trigger={
              <IconButton label={t('actions', { name })}>
                <EllipsisVertical size={22} aria-hidden />
              </IconButton>
            }
          >
            <MenuItem icon={<Pencil size={20} aria-hidden />} onClick={() => onAction('rename')}>
              {t('rename')}
            </MenuItem>
            {status === 'connected' && (
              <MenuItem icon={<Unlink size={20} aria-hidden />} onClick={() => onAction('log-out')}>
                {t('logOut')}
              </MenuItem>
            )}
            <MenuItem icon={<Trash2 size={20} aria-hidden />} isDangerous onClick={() => onAction('remove')}>
              {t('remove')}
            </MenuItem>
          </Menu>
        )}
      </div>
    </Card>
  );
}
