import type { proto } from '@whiskeysockets/baileys';
import { expect } from 'vitest';
import { SAMPLE_JPEG, SAMPLE_PDF, voiceNote } from '../../src/simulator/media-host/samples.js';
import type { MessageType } from '../../src/common/message-types.js';

const VIDEO = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2avc1mp41', 'latin1');

/** What is asked of REST beside `to`, the file that goes with it, and what the phone decrypts. */
interface SentCase {
  body: object;
  file?: Buffer;
  shows: proto.IMessage;
}

/** A case for each type that can be sent. */
export const SENT_CASES: { readonly [Type in MessageType]?: SentCase } = {
  text: { body: { message: 'hello' }, shows: { extendedTextMessage: { text: 'hello' } } },
  image: { body: { caption: 'look' }, file: SAMPLE_JPEG, shows: { imageMessage: { caption: 'look' } } },
  video: { body: { caption: 'look' }, file: VIDEO, shows: { videoMessage: { caption: 'look' } } },
  video_note: { body: {}, file: VIDEO, shows: { ptvMessage: { mimetype: 'video/mp4' } } },
  gif: { body: {}, file: VIDEO, shows: { videoMessage: { gifPlayback: true } } },
  voice: { body: {}, file: voiceNote(2), shows: { audioMessage: { ptt: true, seconds: 2 } } },
  audio: { body: {}, file: voiceNote(3), shows: { audioMessage: { seconds: 3 } } },
  document: {
    body: { file_name: 'a.pdf' },
    file: SAMPLE_PDF,
    shows: { documentMessage: { fileName: 'a.pdf', mimetype: 'application/pdf' } },
  },
  sticker: { body: {}, file: SAMPLE_JPEG, shows: { stickerMessage: { mimetype: 'image/webp' } } },
  location: {
    body: { location: { latitude: 1, longitude: 2, name: 'Bar' } },
    shows: { locationMessage: { degreesLatitude: 1, degreesLongitude: 2, name: 'Bar' } },
  },
  contact: {
    body: { contact: { name: 'Bob', phone_numbers: ['5511988887777'] } },
    shows: {
      contactMessage: { displayName: 'Bob', vcard: expect.stringContaining('5511988887777') as string },
    },
  },
  poll: {
    body: { poll: { question: 'When?', options: ['mon', 'tue'] } },
    shows: { pollCreationMessageV3: { name: 'When?', selectableOptionsCount: 1 } },
  },
};
