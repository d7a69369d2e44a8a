import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { organizationOf } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { InboxNotifier } from '../queue/inbox-notifier.js';
import { InboxRepository } from '../repositories/inbox.repository.js';
import { RedriveDto } from './dto/redrive.dto.js';

/** REST of received messages that could not be routed. */
@ApiTags('admin')
@ApiBearerAuth()
@Controller('api/admin/inbox')
export class InboxRedriveController {
  constructor(
    private readonly inbox: InboxRepository,
    private readonly notifier: InboxNotifier,
  ) {}

  @Post('redrive')
  @Access('manage')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Give dead messages another chance, or unsupported ones',
    description:
      'Sets dead messages back to pending, those first whose last chance was longest ago. The worker takes them at once, in the place in which they arrived. What cannot be routed yet again is dead again. With a `kind`, messages that a newer version may understand are read once more where they stand, as long as retention keeps what they brought: no second booking, no second `whatsapp:message`, but a `whatsapp:message-updated`.',
  })
  @ApiBody({ type: RedriveDto, required: false })
  @ApiAnswer(
    { redriven: { type: 'integer', description: 'How many were set to pending.', example: 3 } },
    { description: 'Set to pending.' },
  )
  @ApiErrors(400, 413, 415)
  async redrive(@Scope() scope: OrganizationScope, @Body() input: RedriveDto) {
    const { redriven, instanceIds } = await this.inbox.redrive({
      organizationId: scope === 'all' ? input.organization_id : organizationOf(scope, input.organization_id),
      instanceId: input.instance_id,
      kind: input.kind,
      limit: input.limit,
    });
    for (const instanceId of instanceIds) {
      this.notifier.notify(instanceId);
    }
    return { success: true, redriven };
  }
}
