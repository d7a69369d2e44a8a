import { createHash } from 'node:crypto';
import { messageOf } from '../../common/error-message.js';
import { DOWNLOAD_FAULTS, UPLOAD_FAULTS } from '../media-host/media-faults.js';
import type { DownloadFault, UploadFault } from '../media-host/media-faults.js';
import { FILE_REQUESTS } from '../phones/phone.js';
import { fileOf } from '../phones/received-file.js';
import { ControlError } from './control-error.js';
import type { Fields } from './fields.js';
import { phoneOf } from './phone-routes.js';
import type { RouteCall } from './route.js';

const MAX_SHOWN_BYTES = 1024 * 1024;

/** Fetches the file of a message that the phone got or wrote as the phone does, with all its checks. */
export async function file(call: RouteCall): Promise<unknown> {
  const phone = phoneOf(call);
  const max = call.input.number('max', 0, 0, MAX_SHOWN_BYTES);
  const id = call.params['id'] ?? '';
  const message = phone.received.findLast((each) => each.id === id)?.message ?? phone.sentFiles.get(id);
  const found = message && fileOf(message);
  if (!message || !found) {
    throw new ControlError(404, 'not-found', `phone ${phone.number} has no such message with a file`);
  }
  const hash = createHash('sha256');
  const shown: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of phone.streams({ id, message })) {
      hash.update(piece);
      size += piece.length;
      if (size <= max) {
        shown.push(piece);
      }
    }
  } catch (error) {
    throw new ControlError(409, 'file-spoilt', messageOf(error));
  }
  const { kind, mimetype, fileName } = found;
  const base64 = size <= max ? Buffer.concat(shown).toString('base64') : undefined;
  return { kind, mimetype, fileName, size, sha256: hash.digest('hex'), base64 };
}

/** Takes the file of a message that a phone wrote from the media server. */
export function expireFile(call: RouteCall): unknown {
  const phone = phoneOf(call);
  const message = phone.sentFiles.get(call.params['id'] ?? '');
  const directPath = message && fileOf(message)?.source.directPath;
  if (!directPath) {
    throw new ControlError(404, 'not-found', `phone ${phone.number} sent no such message with a file`);
  }
  const how = call.input.oneOf('how', ['expired', 'removed'] as const) ?? 'expired';
  call.simulator.media[how === 'expired' ? 'expire' : 'remove']({ directPath });
  return {};
}

/** Says what a phone does when its clients ask for files again. */
export function fileRequests(call: RouteCall): unknown {
  const phone = phoneOf(call);
  phone.fileRequests = call.input.oneOf('requests', FILE_REQUESTS) ?? 'give';
  return {};
}

/** Reads a disturbance of downloads. */
export function downloadFault(input: Fields): DownloadFault {
  const kind = input.oneOf('kind', DOWNLOAD_FAULTS);
  switch (kind) {
    case undefined:
      throw new ControlError(400, 'invalid-input', `kind must be one of ${DOWNLOAD_FAULTS.join(', ')}`);
    case 'status':
      return { kind, status: input.number('status', 503, 400, 599) };
    case 'slow':
      return { kind, bytesPerSecond: input.number('bytesPerSecond', 1000, 1, 1_000_000_000) };
    case 'announce':
      return { kind, bytes: input.number('bytes', 0, 0, Number.MAX_SAFE_INTEGER) };
    case 'corrupt':
      return { kind, at: input.oneOf('at', ['body', 'mac'] as const) ?? 'body' };
    case 'redirect':
      return { kind, to: input.text('to') };
    default:
      return { kind };
  }
}

/** Reads a disturbance of uploads. */
export function uploadFault(input: Fields): UploadFault {
  const kind = input.oneOf('kind', UPLOAD_FAULTS);
  if (kind === undefined) {
    throw new ControlError(400, 'invalid-input', `kind must be one of ${UPLOAD_FAULTS.join(', ')}`);
  }
  return kind === 'status' ? { kind, status: input.number('status', 503, 400, 599) } : { kind };
}
