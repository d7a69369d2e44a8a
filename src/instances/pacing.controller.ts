import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { NamedInstance } from '../auth/named-instance.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import type { Instance } from '../repositories/instance.js';
import { InstancesService } from './instances.service.js';
import { PacingRepository } from './pacing.repository.js';
import { PacingResponse, toPacingResponse } from './pacing.response.js';

/** REST of how quickly an instance writes. */
@ApiTags('instances')
@ApiBearerAuth()
@Access('read')
@Controller('api/whatsapp/instances/:id/pacing')
export class PacingController {
  constructor(
    private readonly instances: InstancesService,
    private readonly pacing: PacingRepository,
  ) {}

  @Get()
  @ApiId()
  @ApiOperation({
    summary: 'Count what an instance sent lately, and to how many strangers',
    description: 'Of its latest 20,000 messages, without edits, deletions and reactions.',
  })
  @ApiAnswer({ pacing: PacingResponse }, { description: 'As of now.' })
  @ApiErrors(400, 'instance_not_found')
  async read(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @NamedInstance() known: Instance | null | undefined,
  ) {
    const instance = await this.instances.getInstance(scope, id, known);
    return { success: true, pacing: toPacingResponse(await this.pacing.read(instance.id)) };
  }
}
