import { describe, expect, it } from 'vitest';
import { AppError } from '../../common/app-error.js';
import { UnlistedError } from '../../common/errors/unlisted-error.js';
import { FencedError } from '../../repositories/fenced-error.js';
import { errorText, readAnswer } from './node-request.js';

function relayed(error: unknown): unknown {
  return read(errorText(error));
}

function read(text: string): unknown {
  try {
    return readAnswer(text);
  } catch (error) {
    return error;
  }
}

describe('the error of another node', () => {
  it.each([
    new AppError('instance_not_connected', { message: 'Off line.' }),
    new AppError('recipient_not_on_whatsapp', { details: [{ path: 'to', message: 'is not on WhatsApp' }] }),
    new AppError('send_queue_full'),
    new AppError('whatsapp_unavailable'),
    new FencedError(['i']),
  ])('arrives as it was thrown: %s', (error) => {
    const { code, message, status, details, retryAfterSeconds } = error;

    expect(relayed(error)).toMatchObject({ code, message, status, details, retryAfterSeconds });
  });

  it('tells nothing of one that is unknown', () => {
    expect(relayed(new Error('secret'))).toMatchObject({
      code: 'internal_error',
      message: 'Something went wrong on our side. Try again.',
    });
  });

  // The release before makes an error of the class that is named, and takes the status from the class where it does not know the code.
  it.each<[AppError, string]>([
    [new AppError('recipient_not_on_whatsapp'), 'InvalidInputError'],
    [new AppError('instance_not_found'), 'NotFoundError'],
    [new AppError('instance_banned'), 'InvalidStateError'],
    [new AppError('shutting_down'), 'InvalidStateError'],
    [new AppError('not_confirmed'), 'UpstreamError'],
    [new AppError('pairing_failed'), 'UpstreamError'],
  ])('is understood by a process of the release before: %s is an %s', (error, kind) => {
    expect(JSON.parse(errorText(error))).toMatchObject({ error: { kind, code: error.code } });
  });

  it.each([
    ['InvalidInputError', 400],
    ['NotFoundError', 404],
    ['InvalidStateError', 409],
    ['UpstreamError', 500],
    ['PairingRequestError', 500],
    ['constructor', 500],
  ])('of a class %s that has a code of another version is answered with %i', (kind, status) => {
    const error = read(JSON.stringify({ error: { kind, code: 'newer_code', message: 'It is so.' } }));

    expect(error).toBeInstanceOf(UnlistedError);
    expect(error).toMatchObject({ code: 'newer_code', message: 'It is so.', status });
  });

  it('has the status of its code, whatever class the release before threw it as', () => {
    const text = JSON.stringify({
      error: { kind: 'PairingRequestError', code: 'pairing_rate_limited', message: 'Wait.' },
    });

    expect(read(text)).toMatchObject({ code: 'pairing_rate_limited', message: 'Wait.', status: 429 });
  });
});
