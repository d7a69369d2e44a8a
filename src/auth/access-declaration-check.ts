import { Injectable, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { MESSAGE_MAPPING_METADATA } from '@nestjs/websockets/constants.js';
import { ACCESS } from './access.decorator.js';
import type { Access } from './principal.js';

type Handler = (...args: never[]) => unknown;

/** Refuses to start a service that has a route or socket event without declared access: it would be refused to everybody. */
@Injectable()
export class AccessDeclarationCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** @throws Error that names every handler without `@Access` */
  onModuleInit(): void {
    const undeclared = this.handlers()
      .filter(([type, handler]) => accessOf(this.reflector, handler, type) === undefined)
      .map(([type, handler]) => `${type.name}.${handler.name}`);
    if (undeclared.length > 0) {
      throw new Error(`these handlers need @Access(…), for nobody may call them: ${undeclared.join(', ')}`);
    }
  }

  private handlers(): [Function, Handler][] {
    const wrappers = [...this.discovery.getControllers(), ...this.discovery.getProviders()];
    return wrappers.flatMap(({ metatype }) => {
      const prototype: object | undefined = (metatype as Function | null)?.prototype;
      if (!prototype) {
        return [];
      }
      return this.scanner
        .getAllMethodNames(prototype)
        .map((name) => (prototype as Record<string, Handler>)[name]!)
        .filter((handler) => isHandler(handler))
        .map((handler): [Function, Handler] => [metatype as Function, handler]);
    });
  }
}

/** @returns what a handler asks of its caller, or undefined where nobody said it */
export function accessOf(reflector: Reflector, handler: Function, type: Function): Access | undefined {
  return reflector.getAllAndOverride<Access | undefined>(ACCESS, [handler as never, type as never]);
}

function isHandler(handler: Handler): boolean {
  return (
    Reflect.hasMetadata(METHOD_METADATA, handler) || Reflect.hasMetadata(MESSAGE_MAPPING_METADATA, handler)
  );
}
