import { BadRequestException, HttpException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  ForbiddenError,
  InvalidInputError,
  InvalidStateError,
  NotFoundError,
  UnauthorizedError,
  UpstreamError,
} from '../common/app-error.js';
import { toErrorAnswer } from './error-answer.js';
import { HttpFault } from './http-fault.js';

describe('toErrorAnswer', () => {
  it.each([
    [new InvalidInputError('bad', 'Bad.'), 400, 'bad'],
    [new UnauthorizedError('who', 'Who?'), 401, 'who'],
    [new ForbiddenError('no', 'No.'), 403, 'no'],
    [new NotFoundError('gone', 'Gone.'), 404, 'gone'],
    [new InvalidStateError('busy', 'Busy.'), 409, 'busy'],
    [new InvalidStateError('shutting_down', 'Later.'), 503, 'shutting_down'],
    [new UpstreamError('send_failed', 'Not sent.'), 500, 'send_failed'],
    [new UpstreamError('whatsapp_contact_restricted', 'No.'), 422, 'whatsapp_contact_restricted'],
    [new UpstreamError('whatsapp_rate_limited', 'No.'), 429, 'whatsapp_rate_limited'],
    [new UpstreamError('whatsapp_unavailable', 'No.'), 503, 'whatsapp_unavailable'],
    [new UpstreamError('not_confirmed', 'Who knows?'), 409, 'not_confirmed'],
    [new InvalidInputError('recipient_not_on_whatsapp', 'Nobody.'), 400, 'recipient_not_on_whatsapp'],
    [new UpstreamError('database_unavailable', 'Away.'), 503, 'database_unavailable'],
    [new HttpFault(413, 'body_too_large', 'Too large.'), 413, 'body_too_large'],
    [new NotFoundException('Cannot GET /secret'), 404, 'route_not_found'],
    [new BadRequestException('secret'), 400, 'bad_request'],
    [new HttpException('secret', 418), 500, 'internal_error'],
    [new Error('secret'), 500, 'internal_error'],
    ['secret', 500, 'internal_error'],
    [undefined, 500, 'internal_error'],
  ])('answers %o with %i %s', (exception, status, code) => {
    const answer = toErrorAnswer(exception);

    expect(answer).toMatchObject({ status, code });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  it('shows details with status 400 alone, and always', () => {
    const details = [{ path: 'a', message: 'is required' }];
    const whole = [{ path: '', message: 'Bad.' }];

    expect(toErrorAnswer(new InvalidInputError('bad', 'Bad.', { details })).details).toEqual(details);
    expect(toErrorAnswer(new InvalidInputError('bad', 'Bad.')).details).toEqual(whole);
    expect(toErrorAnswer(new InvalidInputError('bad', 'Bad.', { details: [] })).details).toEqual(whole);
    expect(toErrorAnswer(new HttpFault(400, 'bad', 'Bad.')).details).toEqual(whole);
    expect(toErrorAnswer(new BadRequestException('secret')).details).toMatchObject([{ path: '' }]);
    expect(toErrorAnswer(new InvalidStateError('busy', 'Busy.', { details })).details).toBeUndefined();
  });

  it('says how to authenticate and when to come back', () => {
    expect(toErrorAnswer(new UnauthorizedError('who', 'Who?')).headers).toHaveProperty('WWW-Authenticate');
    expect(toErrorAnswer(new UpstreamError('database_unavailable', 'Away.')).headers).toHaveProperty(
      'Retry-After',
    );
    expect(toErrorAnswer(new InvalidStateError('too_many_requests', 'Wait.'))).toMatchObject({
      status: 429,
      headers: { 'Retry-After': '2' },
    });
  });
});
