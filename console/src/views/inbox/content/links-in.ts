const ADDRESS = /https?:\/\/[^\s<>"']+/gi;
/** Belongs to the sentence, not to the address. */
const END = /[.,;:!?)\]}]+$/;

/** A part of a text; with `href` it is the address of a page. */
export interface TextPart {
  text: string;
  /** Where it begins. */
  at: number;
  href?: string;
}

/** @returns the text in parts. Only `http:` and `https:` lead anywhere: `javascript:` and the like are text. */
export function linksIn(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const shown = match[0].replace(END, '');
    if (!URL.canParse(shown)) {
      continue;
    }
    parts.push({ text: text.slice(from, match.index), at: from });
    parts.push({ text: shown, at: match.index, href: new URL(shown).href });
    from = match.index + shown.length;
  }
  parts.push({ text: text.slice(from), at: from });
  return parts.filter((part) => part.text !== '');
}

/** @returns the address where a page can be shown by it, and nothing is run */
export function safeHref(address: unknown): string | undefined {
  const isPage = typeof address === 'string' && /^https?:\/\//i.test(address) && URL.canParse(address);
  return isPage ? new URL(address).href : undefined;
}
