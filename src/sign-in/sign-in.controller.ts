import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Access } from '../auth/access.decorator.js';
import { bearerToken } from '../auth/bearer-token.js';
import { AppConfig } from '../config/app-config.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { type ProxyTrust, proxyTrust, senderAddress } from '../http/client-address.js';
import { forwardedPrefix } from '../http/forwarded-prefix.js';
import { SignInLimits } from '../limits/sign-in-limits.js';
import { MagicLinkDto } from './dto/magic-link.dto.js';
import { PasswordDto } from './dto/password.dto.js';
import { RefreshDto } from './dto/refresh.dto.js';
import { type CallerAddress, SupabaseAuth } from './supabase-auth.js';
import { UserSessionResponse } from './user-session.response.js';

const SESSION = { name: 'UserSessionAnswer', description: 'Signed in.' };

/** Signing in as a user of Supabase, for pages that call nobody but this service. */
@Access('public')
@ApiTags('sign-in')
@Controller('api')
export class SignInController {
  private readonly trust: ProxyTrust;

  constructor(
    private readonly auth: SupabaseAuth,
    private readonly limits: SignInLimits,
    config: AppConfig,
  ) {
    this.trust = proxyTrust(config);
  }

  @Post('sign-in/password')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign a user in with e-mail and password' })
  @ApiAnswer({ session: UserSessionResponse }, SESSION)
  @ApiErrors(
    400,
    'sign_in_refused',
    'sign_in_not_offered',
    'sign_in_limited',
    'sign_in_unavailable',
    413,
    415,
  )
  async password(@Body() { email, password }: PasswordDto, @Req() request: Request) {
    const caller = await this.admit(request, email);
    return { success: true, session: await this.auth.withPassword(email, password, caller) };
  }

  @Post('sign-in/magic-link')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Send a user a link that signs in',
    description:
      'The link leads to the page that asks. The answer is the same whether somebody has that address or not. The provider has to allow the address of the page (Supabase: Redirect URLs).',
  })
  @ApiAnswer({}, { description: 'A link is on its way, if the address is a user’s.' })
  @ApiErrors(400, 'sign_in_not_offered', 'sign_in_limited', 'sign_in_unavailable', 413, 415)
  async magicLink(@Body() { email }: MagicLinkDto, @Req() request: Request) {
    const caller = await this.admit(request, email);
    await this.auth.sendLink(email, this.pageOf(request), caller);
    return { success: true };
  }

  @Post('sign-in/refresh')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give a new session for a refresh token, which works once' })
  @ApiAnswer({ session: UserSessionResponse }, SESSION)
  @ApiErrors(
    400,
    'sign_in_refused',
    'sign_in_not_offered',
    'sign_in_limited',
    'sign_in_unavailable',
    413,
    415,
  )
  async refresh(@Body() input: RefreshDto, @Req() request: Request) {
    const session = await this.auth.refresh(input.refresh_token, this.callerOf(request));
    return { success: true, session };
  }

  @Post('sign-out')
  @HttpCode(200)
  @ApiOperation({
    summary: "End the session of the user's token",
    description:
      'It is renewed no more; the token itself is valid to its end. Of any other token nothing happens.',
  })
  @ApiAnswer({}, { description: 'Ended.' })
  @ApiErrors('sign_in_limited', 'sign_in_unavailable', 413, 415)
  async signOut(@Req() request: Request) {
    const token = bearerToken(request.headers.authorization);
    if (token !== undefined) {
      await this.auth.signOut(token, this.callerOf(request));
    }
    return { success: true };
  }

  /** Counts a try, by address and by who is to be signed in. */
  private async admit(request: Request, email: string): Promise<CallerAddress> {
    await this.limits.count(request, email);
    return this.callerOf(request);
  }

  private callerOf(request: Request): CallerAddress {
    return { address: senderAddress(request, this.trust) };
  }

  /** The page of this service that asks: of no other one, or a link would take a person's token there. */
  private pageOf(request: Request): string | undefined {
    const { host, origin } = request.headers;
    const isOwn = host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
    return isOwn ? `${origin}${forwardedPrefix(request, this.trust) ?? ''}/` : undefined;
  }
}
