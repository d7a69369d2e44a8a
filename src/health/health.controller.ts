import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { ApiPublicErrors } from '../http/api-errors.decorator.js';
import { HealthResponse } from './health.response.js';
import { Readiness, type ReadinessReport } from './readiness.js';
import { ReadinessResponse } from './readiness.response.js';

/** Health probes; need no token. */
@Access('public')
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get()
  @ApiOperation({ summary: 'Whether the service answers' })
  @ApiOkResponse({ type: HealthResponse })
  @ApiPublicErrors()
  getHealth(): HealthResponse {
    return { status: 'ok', timestamp: new Date().toISOString() };
  }

  @Get('live')
  @ApiOperation({ summary: 'Whether the process should be left alive; looks at nothing outside it' })
  @ApiOkResponse({ type: HealthResponse })
  @ApiPublicErrors()
  getLiveness(): HealthResponse {
    return this.getHealth();
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether the service can do its work, by part' })
  @ApiOkResponse({
    type: ReadinessResponse,
    description:
      'Ready, or degraded: something is away, such as the worker or the store for files, and what needs it waits safely.',
  })
  @ApiServiceUnavailableResponse({
    type: ReadinessResponse,
    description: 'The database is away, or stopping.',
  })
  @ApiPublicErrors()
  async getReadiness(@Res({ passthrough: true }) response: Response): Promise<ReadinessReport> {
    const readiness = await this.readiness.getReadiness();
    response.status(readiness.status === 'unavailable' ? 503 : 200);
    return readiness;
  }
}
