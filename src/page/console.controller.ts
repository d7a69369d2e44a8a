import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { AppConfig } from '../config/app-config.js';
import { ApiPublicErrors } from '../http/api-errors.decorator.js';
import { ConsoleResponse, type SignInWay } from './console.response.js';
import { SERVICE_VERSION } from './service-version.js';

/** What the console has to know before anybody has signed in. */
@Access('public')
@ApiTags('sign-in')
@Controller('api/console')
export class ConsoleController {
  constructor(private readonly config: AppConfig) {}

  @Get()
  @ApiOperation({
    summary: 'Say how to sign in',
    description: 'For pages, before anybody has signed in; needs no token.',
  })
  @ApiOkResponse({ type: ConsoleResponse })
  @ApiPublicErrors()
  facts(): ConsoleResponse {
    return {
      success: true,
      sign_in: waysOf(this.config),
      simulator: this.config.whatsappSimulator,
      version: SERVICE_VERSION,
    };
  }
}

function waysOf({ authMode, supabaseAuth }: AppConfig): SignInWay[] {
  if (authMode === 'open') {
    return ['open'];
  }
  return supabaseAuth === undefined ? ['api_key'] : ['password', 'magic_link', 'api_key'];
}
