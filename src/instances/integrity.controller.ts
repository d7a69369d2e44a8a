import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audited } from '../audit/audited.decorator.js';
import { Access } from '../auth/access.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { IntegrityRepository } from './integrity.repository.js';
import { IntegrityQueryDto } from './dto/integrity-query.dto.js';
import { ListUndecryptedDto } from './dto/list-undecrypted.dto.js';
import { InstancesService } from './instances.service.js';
import { periodOf } from './integrity.period.js';
import { IntegrityResponse, toIntegrityResponse } from './integrity.response.js';
import { toUndecryptedResponse, UndecryptedMessageResponse } from './integrity.undecrypted.response.js';

/** REST of what became of everything that was received. */
@ApiTags('instances')
@ApiBearerAuth()
@Access('read')
@Controller('api/whatsapp/instances/:id/integrity')
export class IntegrityController {
  constructor(
    private readonly instances: InstancesService,
    private readonly integrity: IntegrityRepository,
  ) {}

  @Get()
  @ApiId()
  @ApiOperation({
    summary: 'Count what became of everything that was received in a period',
    description:
      "Periods are by the service's clock, not the senders'. `received` is always the sum of what follows it, so that nothing can be missing from the account.",
  })
  @ApiOkResponse({ type: IntegrityResponse })
  @ApiErrors(400, 'instance_not_found')
  async summarize(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Query() query: IntegrityQueryDto,
  ): Promise<IntegrityResponse> {
    const period = periodOf(query);
    const instance = await this.instances.getInstance(scope, id);
    const counts = await this.integrity.summarize(instance.organizationId, instance.id, period);
    return toIntegrityResponse(instance.id, period, counts);
  }

  @Audited()
  @Get('undecrypted')
  @ApiId()
  @ApiOperation({
    summary: 'List the messages that could not be read, the last received first',
    description:
      '`waiting`: a readable copy was asked for. `recovered`: it came. `given_up`: it did not come within ten minutes on line.',
  })
  @ApiAnswer({ messages: [UndecryptedMessageResponse], ...PAGE_CURSORS }, { description: 'One page.' })
  @ApiErrors(400, 'instance_not_found')
  async listUndecrypted(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Query() query: ListUndecryptedDto,
  ) {
    const instance = await this.instances.getInstance(scope, id);
    const { limit, cursor, state } = query;
    const page = await this.integrity.listUndecrypted(instance.organizationId, instance.id, {
      limit,
      cursor,
      state,
    });
    return {
      success: true,
      messages: page.items.map(toUndecryptedResponse),
      ...cursorsOf(page),
    };
  }
}
