/** Of characters, without the ending; no file system takes names of more than 255 bytes. */
const MAX_STEM = 120;
const MAX_ENDING = 16;
/** Control characters, what turns the direction of writing, what nobody sees, and halves of surrogate pairs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u034f\u115f\u1160\u3164\uffa0\ufffd]/gu;
/** What some file system takes for something else. */
const SPECIAL = /[<>:"|?*]/g;
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * Makes a name that a stranger chose one that may be shown, put into a header, and saved under by any system: without folders,
 * control characters and tricks with the direction of writing, and of a bounded length.
 * @returns undefined when nothing is left of it
 */
export function safeFileName(name: string | null | undefined): string | undefined {
  const last = (name ?? '').slice(-4_096).split(/[/\\]/).at(-1)!;
  const clean = last
    .normalize('NFC')
    .replace(UNSEEN, '')
    .replace(SPECIAL, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[ .]+|[ .]+$/g, '');
  const dot = clean.lastIndexOf('.');
  const ending = dot > 0 ? clean.slice(dot + 1).trim() : '';
  const hasEnding = ending !== '' && Array.from(ending).length <= MAX_ENDING;
  const stem = firstOf(hasEnding ? clean.slice(0, dot) : clean, MAX_STEM).trimEnd();
  if (stem === '') {
    return undefined;
  }
  const shown = RESERVED.test(stem) ? `_${stem}` : stem;
  return hasEnding ? `${shown}.${ending}` : shown;
}

/** Cuts between characters, and between what people take for one: a base keeps some of its marks, not hundreds. */
function firstOf(text: string, count: number): string {
  return Array.from(text.replace(/(\p{M}{4})\p{M}+/gu, '$1'))
    .slice(0, count)
    .join('');
}
