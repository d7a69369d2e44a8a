import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import type { Principal } from '../auth/principal.js';
import { organizationOf } from '../auth/organization-of.js';
import { Scope } from '../auth/scope.decorator.js';
import { Audited } from '../audit/audited.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer, PAGE_CURSORS } from '../http/api-answer.decorator.js';
import { cursorsOf } from '../http/page-cursors.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import { ApiIdempotencyKey, IdempotencyKey, markReplay } from '../http/idempotency-key.decorator.js';
import { OrganizationPageDto } from '../http/organization-page.dto.js';
import {
  DeliveryResponse,
  toDeliveryResponse,
  toWebhookTestResponse,
  WebhookTestResponse,
} from './delivery.response.js';
import { CreateWebhookDto } from './dto/create-webhook.dto.js';
import { ListDeliveriesDto } from './dto/list-deliveries.dto.js';
import { RedriveWebhookDto } from './dto/redrive-webhook.dto.js';
import { ResumeWebhookDto } from './dto/resume-webhook.dto.js';
import { RotateSecretDto } from './dto/rotate-secret.dto.js';
import { UpdateWebhookDto } from './dto/update-webhook.dto.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { toWebhookResponse, WebhookResponse } from './webhook.response.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { type IssuedWebhook, WebhooksService } from './webhooks.service.js';

const ISSUED = {
  webhook: WebhookResponse,
  secret: {
    type: 'string',
    description:
      'What deliveries are signed with: shown now, to the same call under the same `Idempotency-Key`, and never again.',
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  },
};

/** REST of the webhooks. */
@ApiTags('webhooks')
@ApiBearerAuth()
@Access('manage')
@Controller('api/webhooks')
export class WebhooksController {
  constructor(
    private readonly service: WebhooksService,
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
  ) {}

  @Post()
  @ApiIdempotencyKey()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Create a webhook',
    description:
      'Every event from now on is sent to `url` by POST, after the Standard Webhooks specification (headers `webhook-id`, `webhook-timestamp`, `webhook-signature`): `{ type, timestamp, sequence, organization_id, data }`, where `data` is as the Socket.IO event of that name carries it. A status of 200 to 299 within 15 s takes it. What is not taken is tried again for three days, and what concerns the same person or group waits for it; then the webhook is paused. At least once: `webhook-id` is the same with each try. An organization has at most 20 webhooks (409 `too_many_webhooks`).',
  })
  @ApiAnswer(ISSUED, { name: 'IssuedWebhookAnswer', description: 'The webhook, with its secret.' })
  @ApiErrors(
    400,
    'url_not_allowed',
    'instance_not_found',
    'webhook_not_found',
    'organization_closed',
    'too_many_webhooks',
    'idempotency_key_reused',
    413,
    415,
  )
  async create(
    @Caller() caller: Principal,
    @Scope() scope: OrganizationScope,
    @Body() input: CreateWebhookDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    const issued = await this.service.create(caller, scope, input, key);
    markReplay(response, issued.isReplay);
    return toIssuedAnswer(issued);
  }

  @Get()
  @ApiOperation({ summary: 'List webhooks, newest first' })
  @ApiAnswer({ webhooks: [WebhookResponse], ...PAGE_CURSORS }, { description: 'One page.' })
  @ApiErrors(400)
  async list(@Scope() scope: OrganizationScope, @Query() query: OrganizationPageDto) {
    const { organization_id, limit, cursor } = query;
    const page = await this.webhooks.list(organizationOf(scope, organization_id), { limit, cursor });
    return { success: true, webhooks: page.items.map(toWebhookResponse), ...cursorsOf(page) };
  }

  @Get(':id')
  @ApiId()
  @ApiOperation({ summary: 'Read one webhook' })
  @ApiAnswer({ webhook: WebhookResponse }, { name: 'WebhookAnswer', description: 'The webhook.' })
  @ApiErrors(400, 'webhook_not_found')
  async get(@Scope() scope: OrganizationScope, @Param('id', IdPipe) id: string) {
    return { success: true, webhook: toWebhookResponse(await this.service.get(scope, id)) };
  }

  @Patch(':id')
  @ApiId()
  @ApiOperation({
    summary: 'Change a webhook, or pause it',
    description: 'What it is told of changes for events from now on.',
  })
  @ApiAnswer({ webhook: WebhookResponse }, { name: 'WebhookAnswer', description: 'The webhook.' })
  @ApiErrors(400, 'url_not_allowed', 'webhook_not_found', 'instance_not_found', 413, 415)
  async update(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: UpdateWebhookDto,
  ) {
    return { success: true, webhook: toWebhookResponse(await this.service.update(scope, id, input)) };
  }

  @Delete(':id')
  @ApiId()
  @ApiOperation({ summary: 'Delete a webhook with its deliveries' })
  @ApiAnswer({}, { description: 'Deleted: nothing more is sent.' })
  @ApiErrors(400, 'webhook_not_found')
  async delete(@Scope() scope: OrganizationScope, @Param('id', IdPipe) id: string) {
    await this.service.delete(scope, id);
    return { success: true };
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: 'Let a new secret take the place of the one that signs',
    description:
      'For `overlap_seconds` deliveries are signed with both, so that the receiver can change at any moment of it.',
  })
  @ApiBody({ type: RotateSecretDto, required: false })
  @ApiAnswer(ISSUED, { name: 'IssuedWebhookAnswer', description: 'The webhook, with its new secret.' })
  @ApiErrors(400, 'webhook_not_found', 413, 415)
  async rotateSecret(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: RotateSecretDto,
  ) {
    return toIssuedAnswer(await this.service.rotateSecret(scope, id, input.overlap_seconds));
  }

  @Post(':id/test')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: 'Call a webhook once, to see what it answers',
    description:
      'A signed message of the type `webhook.test`, with `sequence` null; also where the webhook is paused.',
  })
  @ApiAnswer({ test: WebhookTestResponse }, { description: 'How it went, whatever that is.' })
  @ApiErrors(400, 'webhook_not_found')
  async test(@Scope() scope: OrganizationScope, @Param('id', IdPipe) id: string) {
    const { webhookId, call } = await this.service.test(scope, id);
    return { success: true, test: toWebhookTestResponse(webhookId, call) };
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: 'Go on with a webhook that is paused, or try at once what waits to be tried again',
    description:
      'With what waits, in order, and three days anew. With `after`, what waits up to that sequence is given up first.',
  })
  @ApiBody({ type: ResumeWebhookDto, required: false })
  @ApiAnswer({ webhook: WebhookResponse }, { name: 'WebhookAnswer', description: 'The webhook.' })
  @ApiErrors(400, 'webhook_not_found', 'organization_closed', 413, 415)
  async resume(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: ResumeWebhookDto,
  ) {
    return { success: true, webhook: toWebhookResponse(await this.service.resume(scope, id, input.after)) };
  }

  @Post(':id/redrive')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: 'Deliver events once more, after a sequence and up to another',
    description:
      'In the background, each under the `webhook-id` that it had, and by what the webhook is told of now. A range that is asked for while another is under way is joined with it.',
  })
  @ApiAnswer({ webhook: WebhookResponse }, { name: 'WebhookAnswer', description: 'The webhook.' })
  @ApiErrors(400, 'webhook_not_found', 'events_expired', 413, 415)
  async redrive(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: RedriveWebhookDto,
  ) {
    return { success: true, webhook: toWebhookResponse(await this.service.redrive(scope, id, input)) };
  }

  @Audited()
  @Get(':id/deliveries')
  @ApiId()
  @ApiOperation({
    summary: 'List deliveries of a webhook, newest first',
    description:
      'Those that are over are kept for 30 days, and no longer than the organization keeps events. What was sent is read from the event.',
  })
  @ApiAnswer({ deliveries: [DeliveryResponse], ...PAGE_CURSORS }, { description: 'One page.' })
  @ApiErrors(400, 'webhook_not_found')
  async listDeliveries(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Query() query: ListDeliveriesDto,
  ) {
    await this.service.get(scope, id);
    const page = await this.deliveries.list(id, query);
    return { success: true, deliveries: page.items.map(toDeliveryResponse), ...cursorsOf(page) };
  }
}

function toIssuedAnswer({ webhook, secret }: IssuedWebhook) {
  return { success: true, webhook: toWebhookResponse(webhook), secret };
}
