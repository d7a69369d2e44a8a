/** The languages of the page, in their own names. */
export const LOCALES = { en: 'English', 'pt-BR': 'Português (Brasil)', es: 'Español' } as const;

export type Locale = keyof typeof LOCALES;

export const isLocale = (text: string | null): text is Locale => text !== null && text in LOCALES;

/**
 * @param wanted languages of the person, the dearest first, as browsers have them
 * @returns the first that the page speaks, else English
 */
export function bestLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0];
    const match = (Object.keys(LOCALES) as Locale[]).find((locale) => locale.split('-')[0] === language);
    if (match !== undefined) {
      return match;
    }
  }
  return 'en';
}
