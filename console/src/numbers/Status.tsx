import { CircleAlert, Clock } from 'lucide-react';
import { useMessages } from '../i18n/I18n.tsx';
import { Badge, Notice } from '../ui/States.tsx';
import { messages } from './messages.ts';
import type { WhatsappNumber } from './numbers.ts';
import { PASSING, reasonKind } from './reason-kind.ts';

const STATES = {
  connected: { kind: 'good', text: 'connected' },
  connecting: { kind: 'warn', text: 'connecting' },
  qr_pending: { kind: 'warn', text: 'pending' },
  disconnected: { kind: 'bad', text: 'disconnected' },
} as const;

/** Where a number stands, in a word. */
export function StatusBadge({ status }: { status: WhatsappNumber['status'] }) {
  const t = useMessages(messages);
  const { kind, text } = STATES[status];
  return <Badge kind={kind}>{t(text)}</Badge>;
}

/** Why a number is not connected, and what to do about it. */
export function ReasonNotice({ reason }: { reason: string }) {
  const t = useMessages(messages);
  const kind = reasonKind(reason);
  const isPassing = PASSING.has(kind);
  const Icon = isPassing ? Clock : CircleAlert;
  return (
    <Notice kind={isPassing ? 'warn' : 'bad'} icon={<Icon size={20} aria-hidden />}>
      <strong>{t(kind)}</strong>
      <span>{t(`${kind}Do`, { reason })}</span>
    </Notice>
  );
}
