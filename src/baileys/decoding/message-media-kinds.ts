import type { MessageKinds } from './message-kind.js';

/** Kinds that are a file: the caption, or a word in brackets where there is none. */
export const MEDIA_KINDS: MessageKinds = {
  imageMessage: { type: 'image', contentClass: 'media', describe: (m) => m.caption || '[image]' },
  videoMessage: {
    type: (m) => (m.gifPlayback ? 'gif' : 'video'),
    contentClass: 'media',
    describe: (m) => m.caption || (m.gifPlayback ? '[gif]' : '[video]'),
  },
  ptvMessage: { type: 'video_note', contentClass: 'media', describe: (m) => m.caption || '[video note]' },
  documentMessage: {
    type: 'document',
    contentClass: 'media',
    describe: (m) => m.caption || m.fileName || m.title || '[document]',
  },
  audioMessage: {
    type: (m) => (m.ptt ? 'voice' : 'audio'),
    contentClass: 'media',
    describe: (m) => (m.ptt ? `[voice message ${minutes(m.seconds)}]` : '[audio]'),
  },
  stickerMessage: { type: 'sticker', contentClass: 'media', describe: () => '[sticker]' },
  stickerPackMessage: { type: 'sticker', contentClass: 'media', describe: (m) => m.caption || '[sticker]' },
  albumMessage: {
    type: 'album',
    contentClass: 'media',
    describe: (m) =>
      summary('album', count(m.expectedImageCount, 'image'), count(m.expectedVideoCount, 'video')),
  },
};

/**
 * @param label what it is
 * @param parts what is known about it; empty ones are left out
 * @returns `[label] part, part`
 */
export function summary(label: string, ...parts: (string | null | undefined)[]): string {
  return [`[${label}]`, parts.filter(Boolean).join(', ')].filter(Boolean).join(' ');
}

/**
 * @param many how many, where that is known
 * @param noun of one
 * @returns e.g. `1 item`, `3 items`; nothing for none
 */
export function count(many: number | null | undefined, noun: string): string | undefined {
  return many ? `${many} ${noun}${many === 1 ? '' : 's'}` : undefined;
}

function minutes(seconds: number | null | undefined): string {
  const total = seconds ?? 0;
  return `${Math.floor(total / 60)}:${String(total % 60).padStart(2, '0')}`;
}
