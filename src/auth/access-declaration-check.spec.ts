import { Controller, Get } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { SubscribeMessage } from '@nestjs/websockets';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { Access } from './access.decorator.js';
import { AccessDeclarationCheck } from './access-declaration-check.js';

@Access('read')
@Controller('class')
class DeclaredByClass {
  @Get()
  list() {}
}

@Controller('handler')
class DeclaredByHandler {
  @Access('manage')
  @Get()
  list() {}

  helper() {}
}

@Controller('forgotten')
class Forgotten {
  @Access('read')
  @Get()
  list() {}

  @Get(':id')
  read() {}
}

class ForgottenGateway {
  @SubscribeMessage('join')
  join() {}
}

async function start(controllers: Function[], providers: Function[] = []): Promise<void> {
  const testing = await Test.createTestingModule({
    imports: [DiscoveryModule],
    controllers: controllers as never[],
    providers: [AccessDeclarationCheck, ...(providers as never[])],
  }).compile();
  await testing.init();
}

describe('AccessDeclarationCheck', () => {
  it('lets a service start whose every route says who may call it', async () => {
    await expect(start([DeclaredByClass, DeclaredByHandler])).resolves.toBeUndefined();
  });

  it.each([
    ['route', [DeclaredByClass, Forgotten], [], 'Forgotten.read'],
    ['socket event', [DeclaredByClass], [ForgottenGateway], 'ForgottenGateway.join'],
  ])('refuses a %s that does not', async (_kind, controllers, providers, name) => {
    await expect(start(controllers, providers)).rejects.toThrow(new RegExp(`: ${name}$`));
  });
});
