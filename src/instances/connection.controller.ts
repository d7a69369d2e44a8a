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
import { ApiErrors, type DocumentedError } from '../http/api-errors.decorator.js';
import { ApiId } from '../http/api-id.decorator.js';
import { IdPipe } from '../http/id.pipe.js';
import type { Instance } from '../repositories/instance.js';
import { ConnectResponse } from './connect.response.js';
import { ConnectionService } from './connection.service.js';
import { ConnectInstanceDto } from './dto/connect-instance.dto.js';
import { QrQueryDto } from './dto/qr-query.dto.js';
import { InstanceStatusAnswer } from './instance-status.answer.js';
import { toInstanceStatusResponse } from './instance-views.js';
import { acceptedQrFormat } from './qr-format.js';
import { renderQr } from './qr-image.js';

const QR_NOT_AVAILABLE: DocumentedError = {
  status: 404,
  description:
    'There is no such instance (`instance_not_found`), or nothing to scan at the moment: the sentence says why the last attempt ended.',
  code: 'qr_not_available',
  error:
    'There is no QR code any more (qr_expired: nobody scanned a QR code in time): call connect with {"method":"qr"}, wait a moment and ask again.',
};

const CONNECT_CONFLICT: DocumentedError = {
  status: 409,
  description:
    'Another connect call took the place of this one (`pairing_replaced`), or the instance was logged out or deleted before there was a code (`pairing_cancelled`). Or the instance is linked to another number than the given one (`linked_to_another_number`). Or it is linked and WhatsApp refuses its login: `instance_banned`, `instance_temporarily_banned`, `instance_client_outdated`, `instance_device_refused`, `instance_no_multi_device`, or `instance_replaced` where another client has its credentials; `error` says what to do. Or it was deleted and its device is still being logged out (`logout_pending`).',
  code: 'pairing_replaced',
  error: 'Another connect call took the place of this one.',
};

const CONNECT_FAULT: DocumentedError = {
  status: 500,
  description:
    'WhatsApp refused the code (`pairing_rejected`), could not be reached (`whatsapp_unavailable`), or is not what answered (`server_not_trusted`); or something failed on our side.',
  code: 'pairing_rejected',
  error: 'WhatsApp refused the pairing code (400): check the phone number and try again.',
};

const TOO_MANY_PAIRINGS: DocumentedError = {
  status: 429,
  description:
    'The organization links as many phones at the same time as it may, or began too many within a minute (`too_many_pairings`); WhatsApp gives the number no further code for a while (`pairing_rate_limited`); or too many calls (`rate_limited`). `Retry-After` says when to try again.',
  code: 'too_many_pairings',
  error:
    'The organization links as many phones at the same time as it may (PAIRINGS_PER_ORGANIZATION): scan or type what is shown, or wait until it expires.',
};

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
  @ApiErrors(400, 404, CONNECT_CONFLICT, 413, 415, TOO_MANY_PAIRINGS, CONNECT_FAULT)
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
  @ApiErrors(400, QR_NOT_AVAILABLE, 406)
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
  @ApiErrors(400, 404)
  async status(
    @Scope() scope: OrganizationScope,
    @Param('id', IdPipe) id: string,
    @NamedInstance() read: Instance | null | undefined,
  ): Promise<InstanceStatusAnswer> {
    const { instance, isRunning } = await this.service.getStatus(scope, id, read);
    return { instance: toInstanceStatusResponse(instance), is_running: isRunning };
  }
}
