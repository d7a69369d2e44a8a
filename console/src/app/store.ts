/** Small choices that are kept in the browser. A browser that keeps nothing forgets them, and breaks nothing. */
export const store = {
  get(key: string, area: 'local' | 'tab' = 'local'): string | null {
    try {
      return areaOf(area).getItem(key);
    } catch {
      return null;
    }
  },
  set(key: string, value: string, area: 'local' | 'tab' = 'local'): void {
    try {
      areaOf(area).setItem(key, value);
    } catch {
      // Full, or forbidden by the person.
    }
  },
  remove(key: string, area: 'local' | 'tab' = 'local'): void {
    try {
      areaOf(area).removeItem(key);
    } catch {
      // As above.
    }
  },
};

function areaOf(area: 'local' | 'tab'): Storage {
  return area === 'local' ? localStorage : sessionStorage;
}
