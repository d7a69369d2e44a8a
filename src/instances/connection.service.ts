import { Injectable } from '@nestjs/common';
import { SessionsService } from '../baileys/sessions.service.js';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { sentenceOf } from '../common/disconnect-reasons.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import { phoneVariants } from '../common/phone-number.js';
import type { Instance } from '../repositories/instance.js';
import { LogoutsRepository } from '../repositories/logouts.repository.js';
import { PairingLimits } from '../limits/pairing-limits.js';
import type { ConnectResponse } from './connect.response.js';
import type { ConnectInstanceDto } from './dto/connect-instance.dto.js';
import { found } from './instances.service.js';
import type { QrCode } from './qr-image.js';

/** Linking instances to WhatsApp. */
@Injectable()
export class ConnectionService {
  constructor(
    private readonly instances: InstancesRepository,
    private readonly sessions: SessionsService,
    private readonly logouts: LogoutsRepository,
    private readonly pairings: PairingLimits,
  ) {}

  /**
   * Links an instance, or brings it back on line; a deleted instance is restored first.
   * @throws AppError `instance_not_found`
   * @throws AppError `organization_closed`, `logout_pending`; `linked_to_another_number`; `instance_banned` and the
   *   like, where WhatsApp refuses the login of a linked instance
   * @throws AppError `phone_number_required`, for a code without a number to send it to
   * @throws AppError `too_many_pairings`: the organization links, or begins to link, as many phones as it may
   */
  async connect(scope: OrganizationScope, id: string, input: ConnectInstanceDto): Promise<ConnectResponse> {
    const known = found(await this.instances.findInstance(scope, id, { includeDeleted: true }));
    const { method } = input;
    assertSameAccount(known, input.phone_number);
    const phoneNumber = input.phone_number ?? known.phoneNumber ?? undefined;
    if (method === 'code' && phoneNumber === undefined) {
      throw phoneNumberRequired();
    }
    if (!known.hasSession) {
      await this.pairings.begin(known.organizationId);
    }
    const instance = known.deletedAt === null ? known : await this.restore(known);
    const result = await this.sessions.connect(instance, {
      method,
      ...(phoneNumber === undefined ? {} : { phoneNumber }),
    });
    switch (result.outcome) {
      case 'pairing_code':
        return { success: true, pairingCode: result.pairingCode, method: 'code' };
      case 'qr':
        return { success: true, method: 'qr', message: 'QR Code will be sent via Socket.IO when generated' };
      case 'resumed':
        return { success: true, method, message: 'The instance was linked already and is on line again' };
      case 'resuming':
        return { success: true, method, message: resumingMessage(result.reason) };
      case 'already_connected':
        return { success: true, method, message: 'The instance is connected already' };
      case 'pending':
        return {
          success: true,
          method,
          message: 'The process that runs the instance has not answered yet; ask status_url',
          status_url: `/api/whatsapp/instances/${instance.id}/status`,
        };
    }
  }

  /**
   * Takes the device off the account, and keeps the instance.
   * @throws AppError `instance_not_found`; as `SessionsService.act`
   */
  async logOut(scope: OrganizationScope, id: string): Promise<void> {
    const instance = found(await this.instances.findInstance(scope, id));
    await this.sessions.act(instance, { action: 'log_out' });
  }

  /**
   * A device that is still to be logged out is tried once more; while it is there, nothing is linked in its place.
   * @throws AppError `logout_pending`, `organization_closed`
   */
  private async restore(deleted: Instance): Promise<Instance> {
    const logout = await this.logouts.find('all', deleted.id);
    if (logout !== null && logout.expiresAt !== null) {
      await this.sessions.logOut(deleted);
    }
    return found(await this.instances.restoreInstance(deleted.id));
  }

  /** @throws AppError `instance_not_found`, or `qr_not_available` while there is nothing to scan */
  async getQr(scope: OrganizationScope, id: string): Promise<QrCode> {
    const instance = found(await this.instances.findInstance(scope, id));
    const code = await this.sessions.currentQr(instance.id);
    if (code === null) {
      throw new AppError('qr_not_available', { message: qrHint(instance) });
    }
    return code;
  }

  /**
   * @param read the instance as it was read already, if it was
   * @throws AppError `instance_not_found`
   */
  async getStatus(
    scope: OrganizationScope,
    id: string,
    read?: Instance | null,
  ): Promise<{ instance: Instance; isRunning: boolean }> {
    const instance = found(await this.instances.findInstance(scope, id, { read }));
    return { instance, isRunning: await this.sessions.isRunningSomewhere(instance.id) };
  }
}

/** @throws AppError `linked_to_another_number`, where a number is given that is not that of the linked account */
function assertSameAccount(instance: Instance, given: string | null | undefined): void {
  const { accountPhone } = instance;
  if (!given || accountPhone === null || instance.deletedAt !== null) {
    return;
  }
  if (!phoneVariants(given).includes(accountPhone)) {
    throw new AppError('linked_to_another_number');
  }
}

function resumingMessage(reason: string | undefined): string {
  const message = 'The instance is linked already and is going on line';
  return reason === undefined
    ? message
    : `${message}; the last attempt ended: ${reason}. It is tried again by itself`;
}

function phoneNumberRequired(): AppError {
  const message = "Method 'code' needs phone_number, in this call or stored on the instance.";
  return new AppError('phone_number_required', {
    message,
    details: [{ path: 'phone_number', message: "is required for method 'code'" }],
  });
}

function qrHint({ status, hasSession, lastDisconnectReason: reason }: Instance): string {
  if (status === 'connected') {
    return 'There is no QR code: the instance is connected already.';
  }
  const known = reason === null ? '' : ` (${reasonText(reason)})`;
  if (hasSession) {
    return `There is no QR code: the instance is linked already, and off line${known}. Call connect, which brings it back or says why it can not.`;
  }
  const none = status === 'disconnected' && reason !== null ? 'no QR code any more' : 'no QR code yet';
  return `There is ${none}${known}: call connect with {"method":"qr"}, wait a moment and ask again.`;
}

function reasonText(reason: string): string {
  const sentence = sentenceOf(reason);
  return sentence === undefined ? reason : `${reason}: ${sentence}`;
}
