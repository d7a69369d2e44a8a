import { Injectable } from '@nestjs/common';
import type { Server } from 'socket.io';
import type { OutgoingEvent, WhatsappEventName, WhatsappEvents } from '../common/whatsapp-events.js';

/** Sends events to everybody who joined an organization, and to nobody else. */
@Injectable()
export class RealtimeEmitter {
  private server: Server | undefined;

  /** @param server the Socket.IO server of this process; a process without one emits to nobody */
  attach(server: Server): void {
    this.server = server;
  }

  /**
   * @param organizationId whose room
   * @param name of the event
   * @param payload as subscribers receive it
   */
  emit<Name extends WhatsappEventName>(
    organizationId: string,
    name: Name,
    payload: WhatsappEvents[Name],
  ): void {
    this.server?.to(roomOf(organizationId)).emit(name, payload);
  }

  /** @param event a committed row of the `events` table */
  emitStored({ organizationId, name, payload }: OutgoingEvent): void {
    this.server?.to(roomOf(organizationId)).emit(name, payload);
  }
}

/** @returns the name of an organization's room; no socket id looks like it */
export function roomOf(organizationId: string): string {
  return `organization:${organizationId}`;
}
