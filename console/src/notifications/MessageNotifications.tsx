import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { BASE } from '../app/base.ts';
import { readableNumber } from '../i18n/formats.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { useLiveEvents } from '../live/Live.tsx';
import { messages } from './messages.ts';
import { notifications } from './notifications.ts';

const MAX_TEXT = 200;

/** Tells of what customers write while nobody sees the page, where somebody asked for that. */
export function MessageNotifications() {
  const t = useMessages(messages);
  const [, go] = useLocation();
  useEffect(() => notifications.onClick((path) => go(`/${path}`)), [go]);
  useLiveEvents(({ name, payload }) => {
    if (
      name !== 'whatsapp:message' ||
      document.visibilityState === 'visible' ||
      notifications.state() !== 'on'
    ) {
      return;
    }
    const { from, text, contactId } = payload as { from?: string; text?: string; contactId?: string };
    void notifications.show(t('title', { name: nameOf(from) ?? t('somebody') }), {
      body: text?.slice(0, MAX_TEXT) || t('file'),
      // Of each conversation there is one at a time, however many tabs are open.
      tag: contactId ?? from ?? '',
      icon: new URL('icon-192.png', BASE).href,
      path: contactId === undefined ? 'inbox' : `inbox/${contactId}`,
    });
  });
  return null;
}

function nameOf(from: string | undefined): string | undefined {
  return from !== undefined && /^\d+$/.test(from) ? readableNumber(from) : undefined;
}
