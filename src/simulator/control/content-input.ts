import { proto } from '@whiskeysockets/baileys';
import { GeneratedFile } from '../media-host/plain-file.js';
import { videoFile } from '../media-host/samples.js';
import type { Content } from '../phones/message-content.js';
import { ControlError } from './control-error.js';
import { Fields } from './fields.js';

const FILES = ['image', 'video', 'document', 'audio', 'sticker'] as const;
const MAX_GENERATED_BYTES = 4 * 1024 ** 3;

/** Reads what to write from JSON: `text`, or `content` with one property for each kind; `raw` is any message. */
export function contentOf(input: Fields): Content {
  const content = input.object('content');
  if (!content) {
    return input.text('text');
  }
  const raw = input.nested('content', 'raw');
  if (raw !== undefined) {
    return { ...content, raw: proto.Message.fromObject(raw) } as Content;
  }
  return withFile(content) as Content;
}

/** A file is `{ base64 }`, or `{ bytes, seed }` for one that is made up and takes no room. */
function withFile(content: Record<string, unknown>): Record<string, unknown> {
  const fields = new Fields(content);
  for (const kind of FILES) {
    const part = typeof content[kind] === 'object' ? fields.object(kind) : undefined;
    const file = part && new Fields(part).object('file');
    if (file) {
      return { ...content, [kind]: { ...part, file: fileOf(kind, new Fields(file)) } };
    }
  }
  return content;
}

function fileOf(kind: (typeof FILES)[number], file: Fields): Buffer | GeneratedFile {
  const base64 = file.optionalText('base64');
  if (base64 !== undefined) {
    return Buffer.from(base64, 'base64');
  }
  const bytes = file.number('bytes', undefined, 1, MAX_GENERATED_BYTES);
  if (bytes === undefined) {
    throw new ControlError(400, 'invalid-input', 'a file must have base64, or bytes and [seed]');
  }
  const seed = file.number('seed', 0, 0, 0xffff_ffff);
  return kind === 'video' && bytes >= 1024 ? videoFile(bytes, seed) : new GeneratedFile(bytes, seed);
}
