/** Longer ones are no links that a person follows. */
const MAX_LINK = 2_048;
const LINK = /\bhttps?:\/\/[^\s<>"'`{}|\\^\p{Cc}\p{Cf}]{3,}/iu;
/** What ends the sentence around a link, and not the link. */
const TRAILING = /[.,;:!?…*_~]+$/u;

/** @returns the first link in a text, as the text has it; undefined where there is none that can be called */
export function firstLink(text: string): string | undefined {
  const found = LINK.exec(text)?.[0];
  if (found === undefined || found.length > MAX_LINK) {
    return undefined;
  }
  const link = withoutBracket(found.replace(TRAILING, ''));
  return URL.canParse(link) ? link : undefined;
}

/** The bracket around a link is not part of it, one inside is. */
function withoutBracket(link: string): string {
  const isAround = (open: string, close: string) => link.endsWith(close) && !link.includes(open);
  return isAround('(', ')') || isAround('[', ']') ? link.slice(0, -1).replace(TRAILING, '') : link;
}
