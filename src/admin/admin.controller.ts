import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { QueueStatsResponse } from './queue-stats.response.js';
import { QueueStatsService } from './queue-stats.service.js';

/** REST for those who run the service. */
@ApiTags('admin')
@ApiBearerAuth()
@Access('read')
@Controller('api/admin')
export class AdminController {
  constructor(private readonly queueStats: QueueStatsService) {}

  @Get('queue-stats')
  @ApiOperation({ summary: 'How many received messages wait for the worker' })
  @ApiOkResponse({ type: QueueStatsResponse })
  @ApiErrors()
  getQueueStats(@Scope() scope: OrganizationScope): Promise<QueueStatsResponse> {
    return this.queueStats.getStats(scope);
  }
}
