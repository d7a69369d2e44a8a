import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiBody,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { SecretReadings } from '../audit/secret-readings.js';
import { Access } from '../auth/access.decorator.js';
import { NamedInstance } from '../auth/named-instance.decorator.js';
import { Scope } from '../auth/scope.decorator.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import type { Instance } from '../repositories/instance.js';
import { ConnectResponse } from './connect.response.js';
import { ConnectionService } from './connection.service.js';
import { ConnectInstanceDto } from './dto/connect-instance.dto.js';
import { QrQueryDto } from './dto/qr-query.dto.js';
import { InstanceStatusAnswer } from './instance-status.answer.js';
import { toInstanceStatusResponse } from './instance-views.js';
import { ON_A_LINE } from './line-errors.js';
import { acceptedQrFormat } from './qr-format.js';
import { renderQr } from './qr-image.js';

/** REST of linking an instance to WhatsApp. */
@ApiTags('instances')
@ApiBearerAuth()
@Controller('api/whatsapp/instances/:id')
export class ConnectionController {
  constructor(
    private readonly service: ConnectionService,
    private readonly readings: SecretReadings,
  ) {}

  @Post('connect')
  @Access('manage')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: 'Link an instance by pairing code or QR code',
    description:
      "Method `code` answers with an 8-character code that is valid for one minute; type it on the phone under Linked devices. Method `qr` answers at once; the QR string comes as the Socket.IO event `whatsapp:qr`, to sockets that may manage the organization, and as an image from the qr route. However linking ends, an event says so: `whatsapp:connected`, or `whatsapp:disconnected` with the reason, which is also the instance's `last_disconnect_reason`. An instance that is linked already goes on line and answers with a `message`; where WhatsApp refuses its login, the answer is 409 with the reason, and where the device was removed on the phone it is linked anew. A deleted instance is restored.",
  })
  @ApiBody({ type: ConnectInstanceDto, required: false })
  @ApiOkResponse({ type: ConnectResponse })
  @ApiAcceptedResponse({
    type: ConnectResponse,
    description:
      'The process that runs the instance did not answer in time; ask `status_url`. A code or a QR string may still come by Socket.IO.',
  })
  @ApiErrors(
    'phone_number_required',
    'instance_not_found',
    'pairing_replaced',
    'pairing_cancelled',
    'linked_to_another_number',
    'organization_closed',
    'logout_pending',
    'instance_banned',
    'instance_temporarily_banned',
    'instance_client_outdated',
    'instance_device_refused',
    'instance_no_multi_device',
    'instance_replaced',
    'instance_session_unreadable',
    'instance_storage_refused',
    'instance_not_linked',
    'session_unreadable',
    'encryption_key_missing',
    413,
    415,
    'too_many_pairings',
    'pairing_rate_limited',
    'pairing_rejected',
    'pairing_failed',
    'server_not_trusted',
    'whatsapp_unavailable',
    'instance_busy',
    'fenced',
  )
  async connect(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Body() input: ConnectInstanceDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ConnectResponse> {
    const answer = await this.service.connect(scope, id, input);
    if (answer.status_url !== undefined) {
      response.status(202);
    }
    return answer;
  }

  @Post('logout')
  @Access('manage')
  @HttpCode(200)
  @ApiId()
  @ApiOperation({
    summary: "Log an instance's device out of WhatsApp, and keep the instance",
    description:
      'Takes the device off the account, as whoever removes it on the phone: `whatsapp:disconnected` with `logged_out` follows. Conversations stay, and `connect` links a phone anew. `DELETE` of the instance logs it out, too, also where there is no line at the moment.',
  })
  @ApiAnswer({}, { description: 'WhatsApp took the device off the account.' })
  @ApiErrors(400, ...ON_A_LINE)
  async logOut(@Scope() scope: OrganizationScope, @Param('id', IdPipe) id: string) {
    await this.service.logOut(scope, id);
    return { success: true };
  }

  @Get('qr')
  @Access('manage')
  @ApiId()
  @ApiOperation({
    summary: 'Show the current QR code, for people with no socket',
    description:
      'Whoever scans it links a phone of theirs, so it wants the same permission as `connect`, and the audit log names each caller whom a code was shown.',
  })
  @ApiProduces('image/png', 'image/svg+xml', 'text/plain', 'application/json')
  @ApiOkResponse({
    description: 'The QR code in the format of `format` or of the Accept header; PNG by default.',
    content: {
      'image/png': { schema: { type: 'string', format: 'binary' } },
      'image/svg+xml': { schema: { type: 'string' } },
      'text/plain': { schema: { type: 'string' } },
      'application/json': {
        schema: {
          type: 'object',
          required: ['success', 'qr', 'issued_at'],
          properties: {
            success: { type: 'boolean', enum: [true] },
            qr: { type: 'string' },
            issued_at: { type: 'string', format: 'date-time' },
          },
        },
      },
    },
  })
  @ApiErrors(400, 'instance_not_found', 'qr_not_available', 'not_acceptable')
  async qr(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @Query() query: QrQueryDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const format = query.format ?? acceptedQrFormat(request);
    const code = await this.service.getQr(scope, id);
    const { contentType, body } = await renderQr(code, format);
    await this.readings.note(request, code.qr);
    response.set('Content-Type', contentType).vary('Accept').send(body);
  }

  @Get('status')
  @Access('read')
  @ApiId()
  @ApiOperation({ summary: 'Check where an instance stands with WhatsApp' })
  @ApiOkResponse({ type: InstanceStatusAnswer })
  @ApiErrors(400, 'instance_not_found')
  async status(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @NamedInstance() read: Instance | null | undefined,
  ): Promise<InstanceStatusAnswer> {
    const { instance, isRunning } = await this.service.getStatus(scope, id, read);
    return { instance: toInstanceStatusResponse(instance), is_running: isRunning };
  }
}
