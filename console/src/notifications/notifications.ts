import { useSyncExternalStore } from 'react';
import { store } from '../app/store.ts';

const KEY = 'auzap.notifications';
const listeners = new Set<() => void>();
const openers = new Set<(path: string) => void>();

interface ShownNotification {
  body: string;
  /** Another one with the same takes its place, also from another tab. */
  tag: string;
  icon: string;
  /** Of the page, without the slash in front. */
  path: string;
}

/** `unknown`: this browser has none, or not under this address. */
export type NotificationState = 'on' | 'off' | 'blocked' | 'unknown';

function stateNow(): NotificationState {
  if (!('Notification' in globalThis)) {
    return 'unknown';
  }
  if (Notification.permission === 'denied') {
    return 'blocked';
  }
  return store.get(KEY) === 'on' && Notification.permission === 'granted' ? 'on' : 'off';
}

/** Whether somebody asked on this device to be told of new messages. */
export const notifications = {
  state: stateNow,

  /** Asks the person's browser, where it has not been asked. @returns how that ended */
  async turnOn(): Promise<NotificationState> {
    if (stateNow() === 'off') {
      await Notification.requestPermission();
      store.set(KEY, 'on');
      tell();
    }
    return stateNow();
  },

  turnOff(): void {
    store.remove(KEY);
    tell();
  },

  /** Shows one; whoever clicks on it is led to what it tells of. */
  async show(title: string, { path, ...shown }: ShownNotification): Promise<void> {
    const registration = await navigator.serviceWorker?.getRegistration();
    // Phones show only those of a service worker.
    if (registration === undefined) {
      new Notification(title, shown).onclick = () => {
        window.focus();
        openers.forEach((open) => open(path));
      };
    } else {
      await registration.showNotification(title, { ...shown, data: { path } });
    }
  },

  /** @param open told which path of the page was asked for by a click. @returns ends it */
  onClick(open: (path: string) => void): () => void {
    const ofServiceWorker = ({ data }: MessageEvent<{ open?: unknown } | null>) => {
      if (typeof data?.open === 'string') {
        open(data.open);
      }
    };
    openers.add(open);
    navigator.serviceWorker?.addEventListener('message', ofServiceWorker);
    return () => {
      openers.delete(open);
      navigator.serviceWorker?.removeEventListener('message', ofServiceWorker);
    };
  },
};

function tell(): void {
  listeners.forEach((listener) => listener());
}

export function useNotificationState(): NotificationState {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, stateNow);
}
