import { mediaOf } from './media-references.js';
import type { MessageKinds } from './message-kind.js';
import { count, minutes, summary } from './message-words.js';

/** Kinds that are a file: the caption, or a word in brackets where there is none. */
export const MEDIA_KINDS: MessageKinds = {
  imageMessage: {
    type: 'image',
    contentClass: 'media',
    describe: (m) => m.caption || '[image]',
    metadata: (m) => ({ accessibility_label: m.accessibilityLabel }),
    media: (m) => mediaOf('image', m),
  },
  videoMessage: {
    type: (m) => (m.gifPlayback ? 'gif' : 'video'),
    contentClass: 'media',
    describe: (m) => m.caption || (m.gifPlayback ? '[gif]' : '[video]'),
    metadata: (m) => ({ accessibility_label: m.accessibilityLabel }),
    media: (m) => mediaOf(m.gifPlayback ? 'gif' : 'video', m),
  },
  ptvMessage: {
    type: 'video_note',
    contentClass: 'media',
    describe: (m) => m.caption || '[video note]',
    media: (m) => mediaOf('video_note', m),
  },
  documentMessage: {
    type: 'document',
    contentClass: 'media',
    describe: (m) => m.caption || m.fileName || m.title || '[document]',
    metadata: (m) => ({ title: m.title, page_count: m.pageCount || undefined }),
    media: (m) => mediaOf('document', m),
  },
  audioMessage: {
    type: (m) => (m.ptt ? 'voice' : 'audio'),
    contentClass: 'media',
    describe: (m) => (m.ptt ? `[voice message ${minutes(m.seconds)}]` : '[audio]'),
    media: (m) => mediaOf(m.ptt ? 'voice' : 'audio', m),
  },
  stickerMessage: {
    type: 'sticker',
    contentClass: 'media',
    describe: () => '[sticker]',
    metadata: (m) => ({ accessibility_label: m.accessibilityLabel, is_lottie: m.isLottie || undefined }),
    media: (m) => mediaOf('sticker', m),
  },
  stickerPackMessage: {
    type: 'sticker',
    contentClass: 'media',
    describe: (m) => m.caption || summary('stickers', m.name, m.publisher),
    metadata: (m) => ({
      pack: {
        name: m.name,
        publisher: m.publisher,
        description: m.packDescription,
        count: m.stickers?.length,
      },
    }),
  },
  albumMessage: {
    type: 'album',
    contentClass: 'media',
    describe: (m) =>
      summary('album', count(m.expectedImageCount, 'image'), count(m.expectedVideoCount, 'video')),
    metadata: (m) => ({ images: m.expectedImageCount ?? 0, videos: m.expectedVideoCount ?? 0 }),
  },
};
