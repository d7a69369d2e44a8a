import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { type ApiKeyGrant, type ApiKeyGrantRow, toApiKeyGrant } from './api-key.js';
import { base64OrNull } from './column-values.js';
import { type Instance, type InstanceRow, toInstance } from './instance.js';
import { type Membership, type MembershipRow, toMembership } from './members.repository.js';
import { answerOf } from './supabase-error.js';

/** The instance that a call names, deleted or not; null where there is none of which the caller may know. */
interface Named {
  instance: Instance | null;
}

interface OpenedRow {
  grant: ApiKeyGrantRow | null;
  memberships: MembershipRow[] | null;
  instance: InstanceRow | null;
}

/** Who calls, and the instance that the call is about, with one look into the database. */
@Injectable()
export class OpenedCallsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * @param hash of the key that the caller sent; its use is noted
   * @param instanceId a UUID; the caller has checked its form
   * @returns as `ApiKeysRepository.authenticate`, with the instance
   */
  async openByKey(hash: Buffer, instanceId: string): Promise<Named & { grant: ApiKeyGrant | null }> {
    const { grant, instance } = await this.open({ key_hash: base64OrNull(hash), instance_id: instanceId });
    return { grant: grant && toApiKeyGrant(grant), instance: instance && toInstance(instance) };
  }

  /**
   * @param userId a UUID, of a token that was verified
   * @param instanceId as above
   * @returns as `MembersRepository.membershipsOf`, with the instance
   */
  async openByUser(userId: string, instanceId: string): Promise<Named & { memberships: Membership[] }> {
    const { memberships, instance } = await this.open({ user_id: userId, instance_id: instanceId });
    return { memberships: (memberships ?? []).map(toMembership), instance: instance && toInstance(instance) };
  }

  private open(p: Record<string, string | null>): Promise<OpenedRow> {
    return answerOf<OpenedRow>(this.client.rpc('open_call', { p }));
  }
}
