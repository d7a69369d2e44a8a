import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { AppError } from '../common/app-error.js';

/** Fields beside the file, and how long each may be: a text of 65,536 characters has four times as many bytes. */
const MAX_FIELDS = 64;
const MAX_FIELD_BYTES = 300 * 1024;
const MAX_NAME_BYTES = 64;

/** A file as it comes. */
export interface FilePart {
  stream: Readable;
  fileName: string | undefined;
}

/** What a form held, and what became of its file. */
export interface ReadForm<T> {
  fields: Record<string, string | string[]>;
  file: T | undefined;
}

/**
 * Reads a form with one file, called `file`, piece by piece: `take` is given the file as it comes, and no more is read than it takes.
 * @param discard what `take` gave, where the rest of the form is wrong
 * @throws AppError `invalid_body`, `validation_failed`; what `take` throws
 */
export async function readForm<T>(
  request: IncomingMessage,
  take: (part: FilePart) => Promise<T>,
  discard: (taken: T) => Promise<void>,
): Promise<ReadForm<T>> {
  const form = Promise.withResolvers<void>();
  const fields: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  let taking: Promise<T> | undefined;
  const parser = open(request);
  parser.on('field', (name, value, { nameTruncated, valueTruncated }) => {
    if (nameTruncated || valueTruncated) {
      form.reject(new AppError('body_too_large', { message: 'A field of the form is too long.' }));
      return;
    }
    const earlier = fields[name];
    fields[name] = earlier === undefined ? value : [earlier, value].flat();
  });
  // The library's types promise a name to parts that have none.
  parser.on('file', (name: string | undefined, stream, { filename }) => {
    // It fails where the form is cut off; an error that nobody listens to, or not yet, would end the process.
    stream.on('error', () => undefined);
    if (name !== 'file' || taking !== undefined) {
      stream.resume();
      const path = name?.slice(0, MAX_NAME_BYTES) ?? '(a part without a name)';
      form.reject(invalid(path, 'is no field for a file: send one, as file'));
      return;
    }
    taking = take({ stream, fileName: filename || undefined });
    taking.catch(form.reject);
  });
  parser.on('error', () => form.reject(new AppError('invalid_body')));
  parser.on('fieldsLimit', () => form.reject(new AppError('invalid_body')));
  parser.on('close', () => form.resolve());
  request.on('aborted', () => parser.destroy(new Error('the caller went away')));
  request.pipe(parser);
  try {
    await form.promise;
    return { fields, file: await taking };
  } catch (error) {
    request.unpipe(parser);
    parser.destroy();
    // Nobody reads the rest: the answer says so before the line is closed.
    request.resume();
    await taking?.then(discard, () => undefined);
    throw error;
  }
}

function open(request: IncomingMessage): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: {
        files: 2,
        fields: MAX_FIELDS,
        fieldSize: MAX_FIELD_BYTES,
        fieldNameSize: MAX_NAME_BYTES,
        parts: MAX_FIELDS + 2,
        headerPairs: 32,
      },
    });
  } catch {
    throw new AppError('invalid_body');
  }
}

function invalid(path: string, message: string): AppError {
  return new AppError('validation_failed', {
    message: `The input is invalid: ${path}: ${message}.`,
    details: [{ path, message }],
  });
}
