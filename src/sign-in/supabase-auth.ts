import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppError } from '../common/app-error.js';
import { AppConfig, type SupabaseAuth as Place } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import type { UserSessionResponse } from './user-session.response.js';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 100_000;

/** What is said of a person whose call is handed on. */
export interface CallerAddress {
  /** So that the provider counts persons, and not this service; it believes that of secret keys. */
  address: string;
}

interface Call extends CallerAddress {
  path: string;
  body?: object;
  token?: string;
}

/** Signs users in, renews and ends their sessions, at Supabase Auth; pages need not know where that is. */
@Injectable()
export class SupabaseAuth {
  private readonly place: Place | undefined;
  private readonly log: Logger;

  constructor(config: AppConfig, logs: Logs) {
    this.place = config.supabaseAuth;
    this.log = logs.component('sign-in');
  }

  /** @throws AppError `sign_in_refused`, `sign_in_limited`, `sign_in_unavailable`, `sign_in_not_offered` */
  async withPassword(email: string, password: string, caller: CallerAddress): Promise<UserSessionResponse> {
    return sessionIn(
      await this.call({ path: 'token?grant_type=password', body: { email, password }, ...caller }),
    );
  }

  /** @throws AppError as `withPassword` */
  async refresh(refreshToken: string, caller: CallerAddress): Promise<UserSessionResponse> {
    const body = { refresh_token: refreshToken };
    return sessionIn(await this.call({ path: 'token?grant_type=refresh_token', body, ...caller }));
  }

  /**
   * Has a link sent to who has an account already. Whether somebody has one, nobody learns.
   * @param redirectTo where the link leads to in the end; undefined for what the provider is set to
   * @throws AppError `sign_in_limited`, `sign_in_unavailable`, `sign_in_not_offered`
   */
  async sendLink(email: string, redirectTo: string | undefined, caller: CallerAddress): Promise<void> {
    const query = redirectTo === undefined ? '' : `?redirect_to=${encodeURIComponent(redirectTo)}`;
    try {
      await this.call({ path: `otp${query}`, body: { email, create_user: false }, ...caller });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'sign_in_refused') {
        throw error;
      }
    }
  }

  /** Ends the session of a token, so that it is renewed no more. One that is over already is no failure. */
  async signOut(token: string, caller: CallerAddress): Promise<void> {
    if (this.place === undefined) {
      return;
    }
    try {
      await this.call({ path: 'logout?scope=local', token, ...caller });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'sign_in_refused') {
        throw error;
      }
    }
  }

  private async call({ path, body, token, address }: Call): Promise<unknown> {
    const { place } = this;
    if (place === undefined) {
      throw new AppError('sign_in_not_offered');
    }
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${place.url}/${path}`, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          'Content-Type': 'application/json',
          'Sb-Forwarded-For': address,
          ...(place.key !== undefined && { apikey: place.key }),
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body ?? {}),
      });
      text = await textOf(response);
    } catch (cause) {
      throw new AppError('sign_in_unavailable', { cause });
    }
    if (response.ok) {
      return parsed(text);
    }
    throw this.refusal(response.status, parsed(text));
  }

  private refusal(status: number, answer: unknown): AppError {
    if (status === 429) {
      return new AppError('sign_in_limited');
    }
    const { error_code: code } = (answer ?? {}) as { error_code?: unknown };
    const isOfTheKey = status === 401 && code === undefined;
    if (status >= 500 || isOfTheKey) {
      this.log.warn({ status }, 'the provider of users does not sign anybody in');
      return new AppError('sign_in_unavailable');
    }
    return new AppError('sign_in_refused');
  }
}

/** What is longer is nothing that a provider says. */
async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      throw new Error('the answer is too long');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sessionIn(answer: unknown): UserSessionResponse {
  const { access_token, refresh_token, expires_in } = (answer ?? {}) as Partial<UserSessionResponse>;
  if (
    typeof access_token !== 'string' ||
    typeof refresh_token !== 'string' ||
    typeof expires_in !== 'number'
  ) {
    throw new AppError('sign_in_unavailable');
  }
  return { access_token, refresh_token, expires_in };
}
