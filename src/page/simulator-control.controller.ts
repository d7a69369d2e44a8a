import { Controller, Delete, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Access } from '../auth/access.decorator.js';
import { AppError } from '../common/app-error.js';
import { AppConfig } from '../config/app-config.js';

/** Longer than the control API waits for anything. */
const TIMEOUT_MS = 40_000;
const PREFIX = '/api/simulator';

/**
 * Hands calls on to the control API of the simulated network in this process, which listens on loopback alone, so that a page of the service
 * can move its phones. For administrators: phones know nothing of organizations. There only where the network is, and so in no document of
 * the API.
 */
@ApiExcludeController()
@Access('admin')
@Controller('api/simulator')
export class SimulatorControlController {
  constructor(private readonly config: AppConfig) {}

  @Get('*path')
  read(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.forward(request, response);
  }

  @Post('*path')
  act(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.forward(request, response);
  }

  @Delete('*path')
  remove(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.forward(request, response);
  }

  private async forward(request: Request, response: Response): Promise<void> {
    const { host } = new URL(this.config.whatsappWsUrl!);
    const address = new URL(`http://${host}/control${request.originalUrl.slice(PREFIX.length)}`);
    // `..` leads out of it.
    if (!address.pathname.startsWith('/control/')) {
      throw new AppError('route_not_found');
    }
    const answer = await fetch(address, {
      method: request.method,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(request.method === 'POST' && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request.body ?? {}),
      }),
    });
    response.status(answer.status).json(await answer.json());
  }
}
