import { useSyncExternalStore } from 'react';
import { store } from './store.ts';

const KEY = 'auzap.theme';
const THEMES = ['system', 'light', 'dark'] as const;

/** What the person chose: `system` follows the device. */
export type Theme = (typeof THEMES)[number];

const isDark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let chosen: Theme = THEMES.find((theme) => theme === store.get(KEY)) ?? 'system';

function apply(): void {
  const isNowDark = chosen === 'dark' || (chosen === 'system' && isDark.matches);
  document.documentElement.dataset['theme'] = isNowDark ? 'dark' : 'light';
}

/** Shows the page as was chosen, from now on. */
export function startTheme(): void {
  apply();
  isDark.addEventListener('change', apply);
}

export function setTheme(theme: Theme): void {
  chosen = theme;
  store.set(KEY, theme);
  apply();
  listeners.forEach((listener) => listener());
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => chosen,
  );
}
