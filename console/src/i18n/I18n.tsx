import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { store } from '../app/store.ts';
import type { Messages } from './define-messages.ts';
import { formatMessage, type Values } from './format-message.ts';
import { bestLocale, isLocale, type Locale } from './locales.ts';

const KEY = 'auzap.locale';

interface I18n {
  locale: Locale;
  setLocale: (locale: Locale) => void;
}

const Context = createContext<I18n>({ locale: 'en', setLocale: () => undefined });

/** Which language the page speaks: the one that was chosen, else the browser's. */
export function I18nProvider({ children }: { children: ReactNode }) {
  const [locale, choose] = useState<Locale>(() => {
    const chosen = store.get(KEY);
    return isLocale(chosen) ? chosen : bestLocale(navigator.languages);
  });
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const value = useMemo(
    () => ({
      locale,
      setLocale(next: Locale) {
        store.set(KEY, next);
        choose(next);
      },
    }),
    [locale],
  );
  return <Context value={value}>{children}</Context>;
}

export const useLocale = (): I18n => useContext(Context);

export type Translate<Key extends string> = (key: Key, values?: Values) => string;

/** @returns gives the texts of a view in the person's language */
export function useMessages<Key extends string>(messages: Messages<Key>): Translate<Key> {
  const { locale } = useLocale();
  return useMemo(
    () => (key, values) => formatMessage(locale, messages[locale][key], values),
    [locale, messages],
  );
}
