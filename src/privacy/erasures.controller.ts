import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { OrganizationPageDto } from '../http/organization-page.dto.js';
import { OrganizationDto } from '../http/organization.dto.js';
import { ErasuresRepository } from './erasures.repository.js';
import { ErasureResponse, toErasureResponse } from './erasure.response.js';

/** REST of the receipts of erasures. */
@ApiTags('privacy')
@ApiBearerAuth()
@Access('manage')
@Controller('api/erasures')
export class ErasuresController {
  constructor(private readonly erasures: ErasuresRepository) {}

  @Get()
  @ApiOperation({ summary: 'List receipts of erasures, newest first' })
  @ApiAnswer({ erasures: [ErasureResponse], ...PAGE_CURSORS }, { description: 'One page.' })
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: OrganizationPageDto) {
    const { organization_id, limit, cursor } = query;
    const page = await this.erasures.listErasures(organizationOf(scope, organization_id), { limit, cursor });
    return { success: true, erasures: page.items.map(toErasureResponse), ...cursorsOf(page) };
  }

  @Get(':id')
  @ApiId()
  @ApiOperation({ summary: 'Read one receipt' })
  @ApiAnswer({ receipt: ErasureResponse }, { description: 'The receipt.' })
  @ApiErrors(400, 'erasure_not_found')
  async get(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Query() query: OrganizationDto,
  ) {
    const receipt = await this.erasures.findErasure(organizationOf(scope, query.organization_id), id);
    if (receipt === null) {
      throw new AppError('erasure_not_found');
    }
    return { success: true, receipt: toErasureResponse(receipt) };
  }
}
