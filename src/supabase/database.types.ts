// Written by `npm run types` from supabase/migrations: do not edit.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      api_keys: {
        Row: {
          created_at: string;
          created_by: Json | null;
          expires_at: string | null;
          id: string;
          key_hash: string;
          last_used_at: string | null;
          name: string;
          organization_id: string | null;
          prefix: string;
          replaced_by: string | null;
          revoked_at: string | null;
          scopes: string[];
          api_key_grant: Json | null;
          api_key_view: Json | null;
          is_usable: boolean | null;
        };
        Insert: {
          created_at?: string;
          created_by?: Json | null;
          expires_at?: string | null;
          id?: string;
          key_hash: string;
          last_used_at?: string | null;
          name: string;
          organization_id?: string | null;
          prefix: string;
          replaced_by?: string | null;
          revoked_at?: string | null;
          scopes?: string[];
        };
        Update: {
          created_at?: string;
          created_by?: Json | null;
          expires_at?: string | null;
          id?: string;
          key_hash?: string;
          last_used_at?: string | null;
          name?: string;
          organization_id?: string | null;
          prefix?: string;
          replaced_by?: string | null;
          revoked_at?: string | null;
          scopes?: string[];
        };
        Relationships: [
          {
            foreignKeyName: 'api_keys_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'api_keys_replaced_by_fkey';
            columns: ['replaced_by'];
            referencedRelation: 'api_keys';
            referencedColumns: ['id'];
          },
        ];
      };
      audit_log: {
        Row: {
          action: string;
          actor_id: string;
          actor_kind: string;
          actor_name: string;
          address: string | null;
          at: string;
          call_id: string | null;
          details: NonNullable<Json>;
          id: number;
          object_id: string | null;
          object_type: string | null;
          organization_id: string | null;
          outcome: 'begun' | 'done' | 'refused' | 'failed';
          request_id: string | null;
          status: number | null;
        };
        Insert: {
          action: string;
          actor_id: string;
          actor_kind: string;
          actor_name: string;
          address?: string | null;
          at?: string;
          call_id?: string | null;
          details?: NonNullable<Json>;
          id?: never;
          object_id?: string | null;
          object_type?: string | null;
          organization_id?: string | null;
          outcome?: 'begun' | 'done' | 'refused' | 'failed';
          request_id?: string | null;
          status?: number | null;
        };
        Update: {
          action?: string;
          actor_id?: string;
          actor_kind?: string;
          actor_name?: string;
          address?: string | null;
          at?: string;
          call_id?: string | null;
          details?: NonNullable<Json>;
          id?: never;
          object_id?: string | null;
          object_type?: string | null;
          organization_id?: string | null;
          outcome?: 'begun' | 'done' | 'refused' | 'failed';
          request_id?: string | null;
          status?: number | null;
        };
        Relationships: [];
      };
      automatic_replies: {
        Row: {
          contact_id: string;
          created_at: string;
          message_id: string;
          occasion: 'first_message' | 'outside_hours' | 'booking_confirmed' | 'booking_cancelled';
          organization_id: string;
          subject: string;
        };
        Insert: {
          contact_id: string;
          created_at?: string;
          message_id: string;
          occasion: 'first_message' | 'outside_hours' | 'booking_confirmed' | 'booking_cancelled';
          organization_id: string;
          subject?: string;
        };
        Update: {
          contact_id?: string;
          created_at?: string;
          message_id?: string;
          occasion?: 'first_message' | 'outside_hours' | 'booking_confirmed' | 'booking_cancelled';
          organization_id?: string;
          subject?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'automatic_replies_contact_id_organization_id_fkey';
            columns: ['contact_id', 'organization_id'];
            referencedRelation: 'contacts';
            referencedColumns: ['id', 'organization_id'];
          },
        ];
      };
      bookings: {
        Row: {
          contact_id: string;
          created_at: string;
          ends_at: string | null;
          id: string;
          idempotency_key: string | null;
          instance_id: string | null;
          notes: string | null;
          organization_id: string;
          person_id: string | null;
          reason: string | null;
          request_hash: string | null;
          service: string | null;
          service_id: string | null;
          source: string;
          starts_at: string | null;
          status: 'pending' | 'confirmed' | 'cancelled' | 'completed';
          title: string | null;
          updated_at: string;
          booking_row: Json | null;
          reply_about_booking: Json | null;
        };
        Insert: {
          contact_id: string;
          created_at?: string;
          ends_at?: string | null;
          id?: string;
          idempotency_key?: string | null;
          instance_id?: string | null;
          notes?: string | null;
          organization_id: string;
          person_id?: string | null;
          reason?: string | null;
          request_hash?: string | null;
          service?: string | null;
          service_id?: string | null;
          source?: string;
          starts_at?: string | null;
          status?: 'pending' | 'confirmed' | 'cancelled' | 'completed';
          title?: string | null;
          updated_at?: string;
        };
        Update: {
          contact_id?: string;
          created_at?: string;
          ends_at?: string | null;
          id?: string;
          idempotency_key?: string | null;
          instance_id?: string | null;
          notes?: string | null;
          organization_id?: string;
          person_id?: string | null;
          reason?: string | null;
          request_hash?: string | null;
          service?: string | null;
          service_id?: string | null;
          source?: string;
          starts_at?: string | null;
          status?: 'pending' | 'confirmed' | 'cancelled' | 'completed';
          title?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'bookings_contact_id_organization_id_fkey';
            columns: ['contact_id', 'organization_id'];
            referencedRelation: 'contacts';
            referencedColumns: ['id', 'organization_id'];
          },
          {
            foreignKeyName: 'bookings_instance_id_organization_id_fkey';
            columns: ['instance_id', 'organization_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id', 'organization_id'];
          },
        ];
      };
      calendar_feeds: {
        Row: {
          created_at: string;
          id: string;
          name: string;
          organization_id: string;
          rotated_at: string | null;
          token_hash: string;
        };
        Insert: {
          created_at?: string;
          id?: string;
          name?: string;
          organization_id: string;
          rotated_at?: string | null;
          token_hash: string;
        };
        Update: {
          created_at?: string;
          id?: string;
          name?: string;
          organization_id?: string;
          rotated_at?: string | null;
          token_hash?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'calendar_feeds_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      changed_conversations: {
        Row: {
          contact_id: string;
          organization_id: string;
        };
        Insert: {
          contact_id: string;
          organization_id: string;
        };
        Update: {
          contact_id?: string;
          organization_id?: string;
        };
        Relationships: [];
      };
      contact_merges: {
        Row: {
          cancelled_bookings: string[];
          contact_id: string;
          id: string;
          merged_at: string;
          merged_into: string;
          merged_read_until: number;
          name: string;
          name_source: string;
          organization_id: string;
          read_until: number;
        };
        Insert: {
          cancelled_bookings?: string[];
          contact_id: string;
          id?: string;
          merged_at?: string;
          merged_into: string;
          merged_read_until: number;
          name: string;
          name_source: string;
          organization_id: string;
          read_until: number;
        };
        Update: {
          cancelled_bookings?: string[];
          contact_id?: string;
          id?: string;
          merged_at?: string;
          merged_into?: string;
          merged_read_until?: number;
          name?: string;
          name_source?: string;
          organization_id?: string;
          read_until?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'contact_merges_contact_id_organization_id_fkey';
            columns: ['contact_id', 'organization_id'];
            referencedRelation: 'contacts';
            referencedColumns: ['id', 'organization_id'];
          },
          {
            foreignKeyName: 'contact_merges_merged_into_organization_id_fkey';
            columns: ['merged_into', 'organization_id'];
            referencedRelation: 'contacts';
            referencedColumns: ['id', 'organization_id'];
          },
        ];
      };
      contacts: {
        Row: {
          created_at: string;
          id: string;
          last_message_at: string | null;
          lid: string | null;
          merged_into: string | null;
          name: string;
          name_source: 'unknown' | 'push' | 'person';
          organization_id: string;
          phone_number: string | null;
          read_until: number;
          updated_at: string;
          first_unread: number | null;
        };
        Insert: {
          created_at?: string;
          id?: string;
          last_message_at?: string | null;
          lid?: string | null;
          merged_into?: string | null;
          name?: string;
          name_source?: 'unknown' | 'push' | 'person';
          organization_id: string;
          phone_number?: string | null;
          read_until?: number;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          id?: string;
          last_message_at?: string | null;
          lid?: string | null;
          merged_into?: string | null;
          name?: string;
          name_source?: 'unknown' | 'push' | 'person';
          organization_id?: string;
          phone_number?: string | null;
          read_until?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'contacts_merged_into_fkey';
            columns: ['merged_into', 'organization_id'];
            referencedRelation: 'contacts';
            referencedColumns: ['id', 'organization_id'];
          },
          {
            foreignKeyName: 'contacts_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      conversations: {
        Row: {
          contact_id: string;
          ordinal: number;
          organization_id: string;
        };
        Insert: {
          contact_id: string;
          ordinal: number;
          organization_id: string;
        };
        Update: {
          contact_id?: string;
          ordinal?: number;
          organization_id?: string;
        };
        Relationships: [];
      };
      data_keys: {
        Row: {
          created_at: string;
          id: number;
          instance_id: string | null;
          key_id: string;
          organization_id: string;
          purpose: 'session' | 'inbox' | 'organization';
          retired_at: string | null;
          wrapped: string;
        };
        Insert: {
          created_at?: string;
          id?: never;
          instance_id?: string | null;
          key_id: string;
          organization_id: string;
          purpose: 'session' | 'inbox' | 'organization';
          retired_at?: string | null;
          wrapped: string;
        };
        Update: {
          created_at?: string;
          id?: never;
          instance_id?: string | null;
          key_id?: string;
          organization_id?: string;
          purpose?: 'session' | 'inbox' | 'organization';
          retired_at?: string | null;
          wrapped?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'data_keys_instance_id_fkey';
            columns: ['instance_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'data_keys_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      data_moves: {
        Row: {
          begun_at: string;
          direction: 'away' | 'here';
          ended_at: string | null;
          id: string;
          place: string;
          progress: NonNullable<Json>;
        };
        Insert: {
          begun_at?: string;
          direction: 'away' | 'here';
          ended_at?: string | null;
          id: string;
          place: string;
          progress?: NonNullable<Json>;
        };
        Update: {
          begun_at?: string;
          direction?: 'away' | 'here';
          ended_at?: string | null;
          id?: string;
          place?: string;
          progress?: NonNullable<Json>;
        };
        Relationships: [];
      };
      erased_messages: {
        Row: {
          erased_at: string;
          instance_id: string;
          mark: string;
        };
        Insert: {
          erased_at?: string;
          instance_id: string;
          mark: string;
        };
        Update: {
          erased_at?: string;
          instance_id?: string;
          mark?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'erased_messages_instance_id_fkey';
            columns: ['instance_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id'];
          },
        ];
      };
      erasures: {
        Row: {
          contact_id: string;
          counts: NonNullable<Json>;
          erased_at: string | null;
          event_cursor: number;
          former_lids: string[] | null;
          former_phones: string[] | null;
          id: string;
          inbox_cursor: number;
          is_near_end: boolean;
          is_person_gone: boolean;
          lid: string | null;
          merged_ids: string[];
          organization_id: string;
          phone_number: string | null;
          requested_at: string;
          conclude_erasure: {
            contact_id: string;
            counts: NonNullable<Json>;
            erased_at: string | null;
            event_cursor: number;
            former_lids: string[] | null;
            former_phones: string[] | null;
            id: string;
            inbox_cursor: number;
            is_near_end: boolean;
            is_person_gone: boolean;
            lid: string | null;
            merged_ids: string[];
            organization_id: string;
            phone_number: string | null;
            requested_at: string;
          } | null;
          erase_from_groups: {
            contact_id: string;
            counts: NonNullable<Json>;
            erased_at: string | null;
            event_cursor: number;
            former_lids: string[] | null;
            former_phones: string[] | null;
            id: string;
            inbox_cursor: number;
            is_near_end: boolean;
            is_person_gone: boolean;
            lid: string | null;
            merged_ids: string[];
            organization_id: string;
            phone_number: string | null;
            requested_at: string;
          } | null;
          erased_lids: string[] | null;
          erased_pattern: string | null;
          erased_phones: string[] | null;
          erased_strangers: string[] | null;
          erasure_receipt: Json | null;
        };
        Insert: {
          contact_id: string;
          counts?: NonNullable<Json>;
          erased_at?: string | null;
          event_cursor?: number;
          former_lids?: string[] | null;
          former_phones?: string[] | null;
          id?: string;
          inbox_cursor?: number;
          is_near_end?: boolean;
          is_person_gone?: boolean;
          lid?: string | null;
          merged_ids?: string[];
          organization_id: string;
          phone_number?: string | null;
          requested_at?: string;
        };
        Update: {
          contact_id?: string;
          counts?: NonNullable<Json>;
          erased_at?: string | null;
          event_cursor?: number;
          former_lids?: string[] | null;
          former_phones?: string[] | null;
          id?: string;
          inbox_cursor?: number;
          is_near_end?: boolean;
          is_person_gone?: boolean;
          lid?: string | null;
          merged_ids?: string[];
          organization_id?: string;
          phone_number?: string | null;
          requested_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'erasures_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      events: {
        Row: {
          created_at: string;
          instance_id: string | null;
          name: string;
          organization_id: string;
          payload: NonNullable<Json>;
          sequence: number;
        };
        Insert: {
          created_at?: string;
          instance_id?: string | null;
          name: string;
          organization_id: string;
          payload: NonNullable<Json>;
          sequence: number;
        };
        Update: {
          created_at?: string;
          instance_id?: string | null;
          name?: string;
          organization_id?: string;
          payload?: NonNullable<Json>;
          sequence?: number;
        };
        Relationships: [];
      };
      former_addresses: {
        Row: {
          contact_id: string;
          digits: string;
          kind: 'phone' | 'lid';
        };
        Insert: {
          contact_id: string;
          digits: string;
          kind: 'phone' | 'lid';
        };
        Update: {
          contact_id?: string;
          digits?: string;
          kind?: 'phone' | 'lid';
        };
        Relationships: [
          {
            foreignKeyName: 'former_addresses_contact_id_fkey';
            columns: ['contact_id'];
            referencedRelation: 'contacts';
            referencedColumns: ['id'];
          },
        ];
      };
      group_changes: {
        Row: {
          changed_at: string;
          created_at: string;
          group_id: string;
          id: number;
          kind: 'create' | 'subject' | 'description' | 'add' | 'remove' | 'leave' | 'promote' | 'demote';
          lid: string | null;
          notice_id: string;
          organization_id: string;
          people: Json | null;
          phone: string | null;
          place: number;
          subject: string | null;
        };
        Insert: {
          changed_at: string;
          created_at?: string;
          group_id: string;
          id?: never;
          kind: 'create' | 'subject' | 'description' | 'add' | 'remove' | 'leave' | 'promote' | 'demote';
          lid?: string | null;
          notice_id: string;
          organization_id: string;
          people?: Json | null;
          phone?: string | null;
          place: number;
          subject?: string | null;
        };
        Update: {
          changed_at?: string;
          created_at?: string;
          group_id?: string;
          id?: never;
          kind?: 'create' | 'subject' | 'description' | 'add' | 'remove' | 'leave' | 'promote' | 'demote';
          lid?: string | null;
          notice_id?: string;
          organization_id?: string;
          people?: Json | null;
          phone?: string | null;
          place?: number;
          subject?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'group_changes_group_id_fkey';
            columns: ['group_id'];
            referencedRelation: 'groups';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'group_changes_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      group_members: {
        Row: {
          changed_at: string;
          group_id: string;
          id: number;
          lid: string | null;
          organization_id: string;
          phone: string | null;
          role: 'member' | 'admin' | 'owner';
        };
        Insert: {
          changed_at?: string;
          group_id: string;
          id?: never;
          lid?: string | null;
          organization_id: string;
          phone?: string | null;
          role?: 'member' | 'admin' | 'owner';
        };
        Update: {
          changed_at?: string;
          group_id?: string;
          id?: never;
          lid?: string | null;
          organization_id?: string;
          phone?: string | null;
          role?: 'member' | 'admin' | 'owner';
        };
        Relationships: [
          {
            foreignKeyName: 'group_members_group_id_fkey';
            columns: ['group_id'];
            referencedRelation: 'groups';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'group_members_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      groups: {
        Row: {
          created_at: string;
          description: string | null;
          id: string;
          instance_id: string;
          jid: string;
          learnt_at: string | null;
          organization_id: string;
          owner_lid: string | null;
          owner_phone: string | null;
          subject: string | null;
          updated_at: string;
          group_view: Json | null;
        };
        Insert: {
          created_at?: string;
          description?: string | null;
          id?: string;
          instance_id: string;
          jid: string;
          learnt_at?: string | null;
          organization_id: string;
          owner_lid?: string | null;
          owner_phone?: string | null;
          subject?: string | null;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          description?: string | null;
          id?: string;
          instance_id?: string;
          jid?: string;
          learnt_at?: string | null;
          organization_id?: string;
          owner_lid?: string | null;
          owner_phone?: string | null;
          subject?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'groups_instance_id_organization_id_fkey';
            columns: ['instance_id', 'organization_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id', 'organization_id'];
          },
        ];
      };
      history_syncs: {
        Row: {
          attempts: number;
          chunk_order: number | null;
          claimed_by: string | null;
          claimed_until: string | null;
          created_at: string;
          error: string | null;
          id: string;
          inbox_id: number;
          instance_id: string;
          known: number;
          next_attempt_at: string;
          ordinal: number;
          organization_id: string;
          progress: number | null;
          request_id: string | null;
          state: 'pending' | 'done' | 'failed' | 'skipped';
          stored: number;
          sync_type: string | null;
          updated_at: string;
        };
        Insert: {
          attempts?: number;
          chunk_order?: number | null;
          claimed_by?: string | null;
          claimed_until?: string | null;
          created_at?: string;
          error?: string | null;
          id?: string;
          inbox_id: number;
          instance_id: string;
          known?: number;
          next_attempt_at?: string;
          ordinal?: never;
          organization_id: string;
          progress?: number | null;
          request_id?: string | null;
          state?: 'pending' | 'done' | 'failed' | 'skipped';
          stored?: number;
          sync_type?: string | null;
          updated_at?: string;
        };
        Update: {
          attempts?: number;
          chunk_order?: number | null;
          claimed_by?: string | null;
          claimed_until?: string | null;
          created_at?: string;
          error?: string | null;
          id?: string;
          inbox_id?: number;
          instance_id?: string;
          known?: number;
          next_attempt_at?: string;
          ordinal?: never;
          organization_id?: string;
          progress?: number | null;
          request_id?: string | null;
          state?: 'pending' | 'done' | 'failed' | 'skipped';
          stored?: number;
          sync_type?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'history_syncs_instance_id_organization_id_fkey';
            columns: ['instance_id', 'organization_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id', 'organization_id'];
          },
        ];
      };
      idempotency_keys: {
        Row: {
          action: string;
          created_at: string;
          key: string;
          nonce: string | null;
          object_id: string;
          organization_id: string;
          request_hash: string;
          replay_view: Json | null;
        };
        Insert: {
          action: string;
          created_at?: string;
          key: string;
          nonce?: string | null;
          object_id: string;
          organization_id: string;
          request_hash: string;
        };
        Update: {
          action?: string;
          created_at?: string;
          key?: string;
          nonce?: string | null;
          object_id?: string;
          organization_id?: string;
          request_hash?: string;
        };
        Relationships: [];
      };
      inbox: {
        Row: {
          account_lid: string | null;
          account_phone: string | null;
          attempts: number;
          attrs: NonNullable<Json>;
          body: string | null;
          chat: string;
          claimed_by: string | null;
          claimed_until: string | null;
          encryption: string;
          error: string | null;
          hash: string;
          id: number;
          instance_id: string;
          message_id: string;
          organization_id: string;
          outcome: 'stored' | 'note' | 'skipped' | 'duplicate' | 'dead' | 'undecrypted' | 'group' | null;
          processed_at: string | null;
          reason: string | null;
          received_at: string;
          sender: string;
          state: number;
        };
        Insert: {
          account_lid?: string | null;
          account_phone?: string | null;
          attempts?: number;
          attrs?: NonNullable<Json>;
          body?: string | null;
          chat: string;
          claimed_by?: string | null;
          claimed_until?: string | null;
          encryption?: string;
          error?: string | null;
          hash: string;
          id?: never;
          instance_id: string;
          message_id: string;
          organization_id: string;
          outcome?: 'stored' | 'note' | 'skipped' | 'duplicate' | 'dead' | 'undecrypted' | 'group' | null;
          processed_at?: string | null;
          reason?: string | null;
          received_at?: string;
          sender: string;
          state?: number;
        };
        Update: {
          account_lid?: string | null;
          account_phone?: string | null;
          attempts?: number;
          attrs?: NonNullable<Json>;
          body?: string | null;
          chat?: string;
          claimed_by?: string | null;
          claimed_until?: string | null;
          encryption?: string;
          error?: string | null;
          hash?: string;
          id?: never;
          instance_id?: string;
          message_id?: string;
          organization_id?: string;
          outcome?: 'stored' | 'note' | 'skipped' | 'duplicate' | 'dead' | 'undecrypted' | 'group' | null;
          processed_at?: string | null;
          reason?: string | null;
          received_at?: string;
          sender?: string;
          state?: number;
        };
        Relationships: [];
      };
      key_holders: {
        Row: {
          announced_at: string;
          expires_at: string;
          key_ids: NonNullable<Json>;
          node_id: string;
          process: string;
          sealing: string;
        };
        Insert: {
          announced_at?: string;
          expires_at: string;
          key_ids: NonNullable<Json>;
          node_id: string;
          process: string;
          sealing: string;
        };
        Update: {
          announced_at?: string;
          expires_at?: string;
          key_ids?: NonNullable<Json>;
          node_id?: string;
          process?: string;
          sealing?: string;
        };
        Relationships: [];
      };
      media_files: {
        Row: {
          backend: 'local' | 'supabase' | 's3';
          created_at: string;
          expires_at: string | null;
          has_thumbnail: boolean;
          height: number | null;
          id: string;
          mime_type: string;
          organization_id: string;
          seconds: number | null;
          sha256: string;
          size: number;
          state: 'writing' | 'stored' | 'doomed';
          width: number | null;
        };
        Insert: {
          backend: 'local' | 'supabase' | 's3';
          created_at?: string;
          expires_at?: string | null;
          has_thumbnail?: boolean;
          height?: number | null;
          id?: string;
          mime_type: string;
          organization_id: string;
          seconds?: number | null;
          sha256: string;
          size: number;
          state?: 'writing' | 'stored' | 'doomed';
          width?: number | null;
        };
        Update: {
          backend?: 'local' | 'supabase' | 's3';
          created_at?: string;
          expires_at?: string | null;
          has_thumbnail?: boolean;
          height?: number | null;
          id?: string;
          mime_type?: string;
          organization_id?: string;
          seconds?: number | null;
          sha256?: string;
          size?: number;
          state?: 'writing' | 'stored' | 'doomed';
          width?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: 'media_files_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      media_usage: {
        Row: {
          bytes: number;
          organization_id: string;
        };
        Insert: {
          bytes?: number;
          organization_id: string;
        };
        Update: {
          bytes?: number;
          organization_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'media_usage_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      merged_contacts: {
        Row: {
          contact_id: string;
          merged_at: string;
          merged_into: string;
          organization_id: string;
        };
        Insert: {
          contact_id: string;
          merged_at?: string;
          merged_into: string;
          organization_id: string;
        };
        Update: {
          contact_id?: string;
          merged_at?: string;
          merged_into?: string;
          organization_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'merged_contacts_merged_into_organization_id_fkey';
            columns: ['merged_into', 'organization_id'];
            referencedRelation: 'contacts';
            referencedColumns: ['id', 'organization_id'];
          },
        ];
      };
      message_answers: {
        Row: {
          answer: NonNullable<Json>;
          answered_at: string;
          answerer: string;
          from_me: boolean;
          id: number;
          kind: 'poll_vote' | 'event_answer' | 'pin' | 'keep';
          message_id: string | null;
          note_id: string | null;
          organization_id: string;
        };
        Insert: {
          answer: NonNullable<Json>;
          answered_at: string;
          answerer?: string;
          from_me: boolean;
          id?: never;
          kind: 'poll_vote' | 'event_answer' | 'pin' | 'keep';
          message_id?: string | null;
          note_id?: string | null;
          organization_id: string;
        };
        Update: {
          answer?: NonNullable<Json>;
          answered_at?: string;
          answerer?: string;
          from_me?: boolean;
          id?: never;
          kind?: 'poll_vote' | 'event_answer' | 'pin' | 'keep';
          message_id?: string | null;
          note_id?: string | null;
          organization_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'message_answers_message_id_fkey';
            columns: ['message_id'];
            referencedRelation: 'messages';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'message_answers_note_id_fkey';
            columns: ['note_id'];
            referencedRelation: 'notes';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'message_answers_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      message_edits: {
        Row: {
          content: string;
          edited_at: string;
          id: number;
          message_id: string | null;
          note_id: string | null;
          ordinal: number;
          organization_id: string;
          stored_at: string;
        };
        Insert: {
          content: string;
          edited_at: string;
          id?: never;
          message_id?: string | null;
          note_id?: string | null;
          ordinal: number;
          organization_id: string;
          stored_at?: string;
        };
        Update: {
          content?: string;
          edited_at?: string;
          id?: never;
          message_id?: string | null;
          note_id?: string | null;
          ordinal?: number;
          organization_id?: string;
          stored_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'message_edits_message_id_fkey';
            columns: ['message_id'];
            referencedRelation: 'messages';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'message_edits_note_id_fkey';
            columns: ['note_id'];
            referencedRelation: 'notes';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'message_edits_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      message_media: {
        Row: {
          attempts: number;
          claimed_by: string | null;
          created_at: string;
          error: string | null;
          file_id: string | null;
          file_name: string | null;
          height: number | null;
          instance_id: string;
          is_animated: boolean;
          kind: string;
          message_id: string;
          mime_type: string | null;
          next_attempt_at: string;
          of_message: string | null;
          of_note: string | null;
          organization_id: string;
          phone_rounds: number;
          sealed: string | null;
          seconds: number | null;
          sha256: string | null;
          size: number | null;
          state: 'pending' | 'ready' | 'failed' | 'expired' | 'skipped';
          step: 'download' | 'phone';
          thumbnail: string | null;
          waveform: string | null;
          whatsapp_message_id: string;
          width: number | null;
        };
        Insert: {
          attempts?: number;
          claimed_by?: string | null;
          created_at?: string;
          error?: string | null;
          file_id?: string | null;
          file_name?: string | null;
          height?: number | null;
          instance_id: string;
          is_animated?: boolean;
          kind: string;
          message_id: string;
          mime_type?: string | null;
          next_attempt_at?: string;
          of_message?: string | null;
          of_note?: string | null;
          organization_id: string;
          phone_rounds?: number;
          sealed?: string | null;
          seconds?: number | null;
          sha256?: string | null;
          size?: number | null;
          state?: 'pending' | 'ready' | 'failed' | 'expired' | 'skipped';
          step?: 'download' | 'phone';
          thumbnail?: string | null;
          waveform?: string | null;
          whatsapp_message_id: string;
          width?: number | null;
        };
        Update: {
          attempts?: number;
          claimed_by?: string | null;
          created_at?: string;
          error?: string | null;
          file_id?: string | null;
          file_name?: string | null;
          height?: number | null;
          instance_id?: string;
          is_animated?: boolean;
          kind?: string;
          message_id?: string;
          mime_type?: string | null;
          next_attempt_at?: string;
          of_message?: string | null;
          of_note?: string | null;
          organization_id?: string;
          phone_rounds?: number;
          sealed?: string | null;
          seconds?: number | null;
          sha256?: string | null;
          size?: number | null;
          state?: 'pending' | 'ready' | 'failed' | 'expired' | 'skipped';
          step?: 'download' | 'phone';
          thumbnail?: string | null;
          waveform?: string | null;
          whatsapp_message_id?: string;
          width?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: 'message_media_file_id_fkey';
            columns: ['file_id'];
            referencedRelation: 'media_files';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'message_media_instance_id_organization_id_fkey';
            columns: ['instance_id', 'organization_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id', 'organization_id'];
          },
          {
            foreignKeyName: 'message_media_of_message_fkey';
            columns: ['of_message'];
            referencedRelation: 'messages';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'message_media_of_note_fkey';
            columns: ['of_note'];
            referencedRelation: 'notes';
            referencedColumns: ['id'];
          },
        ];
      };
      message_reactions: {
        Row: {
          emoji: string;
          from_me: boolean;
          id: number;
          message_id: string | null;
          note_id: string | null;
          organization_id: string;
          reacted_at: string;
          reactor: string;
        };
        Insert: {
          emoji: string;
          from_me: boolean;
          id?: never;
          message_id?: string | null;
          note_id?: string | null;
          organization_id: string;
          reacted_at: string;
          reactor?: string;
        };
        Update: {
          emoji?: string;
          from_me?: boolean;
          id?: never;
          message_id?: string | null;
          note_id?: string | null;
          organization_id?: string;
          reacted_at?: string;
          reactor?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'message_reactions_message_id_fkey';
            columns: ['message_id'];
            referencedRelation: 'messages';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'message_reactions_note_id_fkey';
            columns: ['note_id'];
            referencedRelation: 'notes';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'message_reactions_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      message_search: {
        Row: {
          group_id: string | null;
          instance_id: string;
          is_outbound: boolean;
          message_id: string;
          ordinal: number;
          organization_id: string;
          words: string;
        };
        Insert: {
          group_id?: string | null;
          instance_id: string;
          is_outbound: boolean;
          message_id: string;
          ordinal: number;
          organization_id: string;
          words: string;
        };
        Update: {
          group_id?: string | null;
          instance_id?: string;
          is_outbound?: boolean;
          message_id?: string;
          ordinal?: number;
          organization_id?: string;
          words?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'message_search_message_id_fkey';
            columns: ['message_id'];
            referencedRelation: 'messages';
            referencedColumns: ['id'];
          },
        ];
      };
      messages: {
        Row: {
          change_of: string | null;
          chat_jid: string | null;
          chat_key: string;
          contact_id: string | null;
          content: string;
          content_type: string;
          created_at: string;
          deleted_at: string | null;
          direction: 'inbound' | 'outbound';
          edited_at: string | null;
          error: string | null;
          group_id: string | null;
          id: string;
          idempotency_key: string | null;
          inbox_id: number | null;
          instance_id: string;
          is_forwarded: boolean;
          is_view_once: boolean;
          mentions: Json | null;
          metadata: Json | null;
          ordinal: number;
          organization_id: string;
          payload: string | null;
          reason: string | null;
          repeats: number;
          reply_to: Json | null;
          request: Json | null;
          request_hash: string | null;
          secret: string | null;
          sender_lid: string | null;
          sender_name: string | null;
          sender_phone: string | null;
          sent_at: string;
          sent_from: string | null;
          status: 'received' | 'pending' | 'sent' | 'delivered' | 'read' | 'played' | 'failed' | 'unknown';
          status_at: Json | null;
          type: string;
          updated_at: string;
          whatsapp_message_id: string | null;
          message_extras: Json | null;
          outbound_view: Json | null;
        };
        Insert: {
          change_of?: string | null;
          chat_jid?: string | null;
          chat_key: string;
          contact_id?: string | null;
          content?: string;
          content_type?: string;
          created_at?: string;
          deleted_at?: string | null;
          direction: 'inbound' | 'outbound';
          edited_at?: string | null;
          error?: string | null;
          group_id?: string | null;
          id?: string;
          idempotency_key?: string | null;
          inbox_id?: number | null;
          instance_id: string;
          is_forwarded?: boolean;
          is_view_once?: boolean;
          mentions?: Json | null;
          metadata?: Json | null;
          ordinal?: never;
          organization_id: string;
          payload?: string | null;
          reason?: string | null;
          repeats?: number;
          reply_to?: Json | null;
          request?: Json | null;
          request_hash?: string | null;
          secret?: string | null;
          sender_lid?: string | null;
          sender_name?: string | null;
          sender_phone?: string | null;
          sent_at?: string;
          sent_from?: string | null;
          status: 'received' | 'pending' | 'sent' | 'delivered' | 'read' | 'played' | 'failed' | 'unknown';
          status_at?: Json | null;
          type?: string;
          updated_at?: string;
          whatsapp_message_id?: string | null;
        };
        Update: {
          change_of?: string | null;
          chat_jid?: string | null;
          chat_key?: string;
          contact_id?: string | null;
          content?: string;
          content_type?: string;
          created_at?: string;
          deleted_at?: string | null;
          direction?: 'inbound' | 'outbound';
          edited_at?: string | null;
          error?: string | null;
          group_id?: string | null;
          id?: string;
          idempotency_key?: string | null;
          inbox_id?: number | null;
          instance_id?: string;
          is_forwarded?: boolean;
          is_view_once?: boolean;
          mentions?: Json | null;
          metadata?: Json | null;
          ordinal?: never;
          organization_id?: string;
          payload?: string | null;
          reason?: string | null;
          repeats?: number;
          reply_to?: Json | null;
          request?: Json | null;
          request_hash?: string | null;
          secret?: string | null;
          sender_lid?: string | null;
          sender_name?: string | null;
          sender_phone?: string | null;
          sent_at?: string;
          sent_from?: string | null;
          status?: 'received' | 'pending' | 'sent' | 'delivered' | 'read' | 'played' | 'failed' | 'unknown';
          status_at?: Json | null;
          type?: string;
          updated_at?: string;
          whatsapp_message_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'messages_contact_id_organization_id_fkey';
            columns: ['contact_id', 'organization_id'];
            referencedRelation: 'contacts';
            referencedColumns: ['id', 'organization_id'];
          },
          {
            foreignKeyName: 'messages_group_id_fkey';
            columns: ['group_id'];
            referencedRelation: 'groups';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'messages_instance_id_organization_id_fkey';
            columns: ['instance_id', 'organization_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id', 'organization_id'];
          },
        ];
      };
      node_requests: {
        Row: {
          answer: string | null;
          created_at: string;
          expires_at: string;
          id: string;
          instance_id: string;
          kind: 'connect' | 'send' | 'send_content' | 'chat' | 'logout';
          payload: string;
          taken_by: string | null;
        };
        Insert: {
          answer?: string | null;
          created_at?: string;
          expires_at: string;
          id: string;
          instance_id: string;
          kind: 'connect' | 'send' | 'send_content' | 'chat' | 'logout';
          payload: string;
          taken_by?: string | null;
        };
        Update: {
          answer?: string | null;
          created_at?: string;
          expires_at?: string;
          id?: string;
          instance_id?: string;
          kind?: 'connect' | 'send' | 'send_content' | 'chat' | 'logout';
          payload?: string;
          taken_by?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'node_requests_instance_id_fkey';
            columns: ['instance_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id'];
          },
        ];
      };
      nodes: {
        Row: {
          expires_at: string;
          heartbeat_at: string;
          id: string;
          incarnation: string;
          is_leaving: boolean;
          kind: 'api' | 'worker';
        };
        Insert: {
          expires_at: string;
          heartbeat_at?: string;
          id: string;
          incarnation: string;
          is_leaving?: boolean;
          kind: 'api' | 'worker';
        };
        Update: {
          expires_at?: string;
          heartbeat_at?: string;
          id?: string;
          incarnation?: string;
          is_leaving?: boolean;
          kind?: 'api' | 'worker';
        };
        Relationships: [];
      };
      notes: {
        Row: {
          chat_key: string;
          contact_id: string | null;
          content: string;
          content_type: string;
          created_at: string;
          created_by: Json | null;
          deleted_at: string | null;
          edited_at: string | null;
          id: string;
          inbox_id: number | null;
          instance_id: string | null;
          is_forwarded: boolean;
          is_view_once: boolean;
          mentions: Json | null;
          metadata: Json | null;
          ordinal: number;
          organization_id: string;
          reply_to: Json | null;
          secret: string | null;
          sent_at: string;
          type: string;
          whatsapp_message_id: string | null;
          note_extras: Json | null;
          note_row: Json | null;
        };
        Insert: {
          chat_key: string;
          contact_id?: string | null;
          content: string;
          content_type?: string;
          created_at?: string;
          created_by?: Json | null;
          deleted_at?: string | null;
          edited_at?: string | null;
          id?: string;
          inbox_id?: number | null;
          instance_id?: string | null;
          is_forwarded?: boolean;
          is_view_once?: boolean;
          mentions?: Json | null;
          metadata?: Json | null;
          ordinal?: never;
          organization_id: string;
          reply_to?: Json | null;
          secret?: string | null;
          sent_at?: string;
          type?: string;
          whatsapp_message_id?: string | null;
        };
        Update: {
          chat_key?: string;
          contact_id?: string | null;
          content?: string;
          content_type?: string;
          created_at?: string;
          created_by?: Json | null;
          deleted_at?: string | null;
          edited_at?: string | null;
          id?: string;
          inbox_id?: number | null;
          instance_id?: string | null;
          is_forwarded?: boolean;
          is_view_once?: boolean;
          mentions?: Json | null;
          metadata?: Json | null;
          ordinal?: never;
          organization_id?: string;
          reply_to?: Json | null;
          secret?: string | null;
          sent_at?: string;
          type?: string;
          whatsapp_message_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'notes_contact_id_organization_id_fkey';
            columns: ['contact_id', 'organization_id'];
            referencedRelation: 'contacts';
            referencedColumns: ['id', 'organization_id'];
          },
          {
            foreignKeyName: 'notes_instance_id_organization_id_fkey';
            columns: ['instance_id', 'organization_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id', 'organization_id'];
          },
        ];
      };
      organization_invitations: {
        Row: {
          created_at: string;
          created_by: NonNullable<Json>;
          declined_at: string | null;
          expires_at: string;
          id: string;
          organization_id: string;
          role: 'owner' | 'agent' | 'viewer';
          user_id: string;
          invitation_view: Json | null;
        };
        Insert: {
          created_at?: string;
          created_by: NonNullable<Json>;
          declined_at?: string | null;
          expires_at: string;
          id?: string;
          organization_id: string;
          role: 'owner' | 'agent' | 'viewer';
          user_id: string;
        };
        Update: {
          created_at?: string;
          created_by?: NonNullable<Json>;
          declined_at?: string | null;
          expires_at?: string;
          id?: string;
          organization_id?: string;
          role?: 'owner' | 'agent' | 'viewer';
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'organization_invitations_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      organization_members: {
        Row: {
          created_at: string;
          organization_id: string;
          role: 'owner' | 'agent' | 'viewer';
          user_id: string;
        };
        Insert: {
          created_at?: string;
          organization_id: string;
          role?: 'owner' | 'agent' | 'viewer';
          user_id: string;
        };
        Update: {
          created_at?: string;
          organization_id?: string;
          role?: 'owner' | 'agent' | 'viewer';
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'organization_members_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      organization_settings: {
        Row: {
          automatic_replies: NonNullable<Json>;
          booking_policy: 'one-open' | 'every-message' | 'off' | null;
          group_policy: 'ignore' | 'store';
          history_policy: 'ignore' | 'store' | 'contacts';
          languages: string[];
          office_hours: Json | null;
          organization_id: string;
          services: NonNullable<Json>;
          time_zone: string;
          updated_at: string;
          settings_row: Json | null;
        };
        Insert: {
          automatic_replies?: NonNullable<Json>;
          booking_policy?: 'one-open' | 'every-message' | 'off' | null;
          group_policy?: 'ignore' | 'store';
          history_policy?: 'ignore' | 'store' | 'contacts';
          languages?: string[];
          office_hours?: Json | null;
          organization_id: string;
          services?: NonNullable<Json>;
          time_zone?: string;
          updated_at?: string;
        };
        Update: {
          automatic_replies?: NonNullable<Json>;
          booking_policy?: 'one-open' | 'every-message' | 'off' | null;
          group_policy?: 'ignore' | 'store';
          history_policy?: 'ignore' | 'store' | 'contacts';
          languages?: string[];
          office_hours?: Json | null;
          organization_id?: string;
          services?: NonNullable<Json>;
          time_zone?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'organization_settings_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      organizations: {
        Row: {
          closed_at: string | null;
          created_at: string;
          event_seq: number;
          id: string;
          name: string;
        };
        Insert: {
          closed_at?: string | null;
          created_at?: string;
          event_seq?: number;
          id: string;
          name?: string;
        };
        Update: {
          closed_at?: string | null;
          created_at?: string;
          event_seq?: number;
          id?: string;
          name?: string;
        };
        Relationships: [];
      };
      pairing_qrs: {
        Row: {
          epoch: number;
          expires_at: string;
          instance_id: string;
          issued_at: string;
          qr: string;
        };
        Insert: {
          epoch: number;
          expires_at: string;
          instance_id: string;
          issued_at: string;
          qr: string;
        };
        Update: {
          epoch?: number;
          expires_at?: string;
          instance_id?: string;
          issued_at?: string;
          qr?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'pairing_qrs_instance_id_fkey';
            columns: ['instance_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id'];
          },
        ];
      };
      pending_changes: {
        Row: {
          change: NonNullable<Json>;
          created_at: string;
          expires_at: string;
          from_me: boolean;
          id: number;
          inbox_id: number;
          instance_id: string;
          lid: string | null;
          message_id: string;
          organization_id: string;
          phone: string | null;
          sent_at: string;
          target_from_me: boolean;
        };
        Insert: {
          change: NonNullable<Json>;
          created_at?: string;
          expires_at: string;
          from_me: boolean;
          id?: never;
          inbox_id: number;
          instance_id: string;
          lid?: string | null;
          message_id: string;
          organization_id: string;
          phone?: string | null;
          sent_at: string;
          target_from_me: boolean;
        };
        Update: {
          change?: NonNullable<Json>;
          created_at?: string;
          expires_at?: string;
          from_me?: boolean;
          id?: never;
          inbox_id?: number;
          instance_id?: string;
          lid?: string | null;
          message_id?: string;
          organization_id?: string;
          phone?: string | null;
          sent_at?: string;
          target_from_me?: boolean;
        };
        Relationships: [
          {
            foreignKeyName: 'pending_changes_instance_id_organization_id_fkey';
            columns: ['instance_id', 'organization_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id', 'organization_id'];
          },
        ];
      };
      retention_progress: {
        Row: {
          bodies_until: string;
          instance_id: string;
        };
        Insert: {
          bodies_until: string;
          instance_id: string;
        };
        Update: {
          bodies_until?: string;
          instance_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'retention_progress_instance_id_fkey';
            columns: ['instance_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id'];
          },
        ];
      };
      retention_settings: {
        Row: {
          audit_days: number | null;
          bookings_days: number | null;
          events_days: number | null;
          inbox_bodies_days: number | null;
          inbox_days: number | null;
          messages_days: number | null;
          notes_days: number | null;
          organization_id: string;
          updated_at: string;
        };
        Insert: {
          audit_days?: number | null;
          bookings_days?: number | null;
          events_days?: number | null;
          inbox_bodies_days?: number | null;
          inbox_days?: number | null;
          messages_days?: number | null;
          notes_days?: number | null;
          organization_id: string;
          updated_at?: string;
        };
        Update: {
          audit_days?: number | null;
          bookings_days?: number | null;
          events_days?: number | null;
          inbox_bodies_days?: number | null;
          inbox_days?: number | null;
          messages_days?: number | null;
          notes_days?: number | null;
          organization_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'retention_settings_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      search_progress: {
        Row: {
          noted_before: unknown;
          noted_until: number | null;
          settled_until: number;
          subject: string;
          taken_until: number;
        };
        Insert: {
          noted_before?: unknown;
          noted_until?: number | null;
          settled_until?: number;
          subject: string;
          taken_until?: number;
        };
        Update: {
          noted_before?: unknown;
          noted_until?: number | null;
          settled_until?: number;
          subject?: string;
          taken_until?: number;
        };
        Relationships: [];
      };
      service_secrets: {
        Row: {
          created_at: string;
          name: string;
          value: string;
        };
        Insert: {
          created_at?: string;
          name: string;
          value: string;
        };
        Update: {
          created_at?: string;
          name?: string;
          value?: string;
        };
        Relationships: [];
      };
      session_writers: {
        Row: {
          id: string;
          last_seq: number;
          updated_at: string;
        };
        Insert: {
          id: string;
          last_seq: number;
          updated_at?: string;
        };
        Update: {
          id?: string;
          last_seq?: number;
          updated_at?: string;
        };
        Relationships: [];
      };
      undecrypted_messages: {
        Row: {
          chat: string;
          chat_kind: string;
          created_at: string;
          from_me: boolean;
          id: number;
          inbox_id: number;
          instance_id: string;
          lid: string | null;
          message_id: string;
          organization_id: string;
          phone: string | null;
          received_at: string;
          recovered_inbox_id: number | null;
          sent_at: string;
          settled_at: string | null;
          state: 'waiting' | 'recovered' | 'given_up';
        };
        Insert: {
          chat: string;
          chat_kind: string;
          created_at?: string;
          from_me: boolean;
          id?: never;
          inbox_id: number;
          instance_id: string;
          lid?: string | null;
          message_id: string;
          organization_id: string;
          phone?: string | null;
          received_at: string;
          recovered_inbox_id?: number | null;
          sent_at: string;
          settled_at?: string | null;
          state?: 'waiting' | 'recovered' | 'given_up';
        };
        Update: {
          chat?: string;
          chat_kind?: string;
          created_at?: string;
          from_me?: boolean;
          id?: never;
          inbox_id?: number;
          instance_id?: string;
          lid?: string | null;
          message_id?: string;
          organization_id?: string;
          phone?: string | null;
          received_at?: string;
          recovered_inbox_id?: number | null;
          sent_at?: string;
          settled_at?: string | null;
          state?: 'waiting' | 'recovered' | 'given_up';
        };
        Relationships: [
          {
            foreignKeyName: 'undecrypted_messages_instance_id_organization_id_fkey';
            columns: ['instance_id', 'organization_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id', 'organization_id'];
          },
        ];
      };
      webhook_deliveries: {
        Row: {
          attempts: number;
          chat_key: string;
          claimed_by: string | null;
          created_at: string;
          delivered_at: string | null;
          endpoint_id: string;
          error: string | null;
          first_attempt_at: string | null;
          id: number;
          is_next: boolean;
          next_attempt_at: string;
          organization_id: string;
          response_body: string | null;
          response_status: number | null;
          sequence: number;
          status: 'pending' | 'delivered' | 'failed';
          tries: NonNullable<Json>;
        };
        Insert: {
          attempts?: number;
          chat_key?: string;
          claimed_by?: string | null;
          created_at?: string;
          delivered_at?: string | null;
          endpoint_id: string;
          error?: string | null;
          first_attempt_at?: string | null;
          id?: never;
          is_next?: boolean;
          next_attempt_at?: string;
          organization_id: string;
          response_body?: string | null;
          response_status?: number | null;
          sequence: number;
          status?: 'pending' | 'delivered' | 'failed';
          tries?: NonNullable<Json>;
        };
        Update: {
          attempts?: number;
          chat_key?: string;
          claimed_by?: string | null;
          created_at?: string;
          delivered_at?: string | null;
          endpoint_id?: string;
          error?: string | null;
          first_attempt_at?: string | null;
          id?: never;
          is_next?: boolean;
          next_attempt_at?: string;
          organization_id?: string;
          response_body?: string | null;
          response_status?: number | null;
          sequence?: number;
          status?: 'pending' | 'delivered' | 'failed';
          tries?: NonNullable<Json>;
        };
        Relationships: [
          {
            foreignKeyName: 'webhook_deliveries_endpoint_id_fkey';
            columns: ['endpoint_id'];
            referencedRelation: 'webhook_endpoints';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'webhook_deliveries_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      webhook_endpoints: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          description: string;
          event_names: string[];
          failing_since: string | null;
          former_secret_expires_at: string | null;
          id: string;
          instance_id: string | null;
          is_active: boolean;
          last_sequence: number;
          organization_id: string;
          pause_reason: string | null;
          paused_at: string | null;
          redrive_after: number | null;
          redrive_until: number | null;
          secret: string;
          updated_at: string;
          url: string;
          webhook_view: Json | null;
        };
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          description?: string;
          event_names?: string[];
          failing_since?: string | null;
          former_secret_expires_at?: string | null;
          id?: string;
          instance_id?: string | null;
          is_active?: boolean;
          last_sequence?: number;
          organization_id: string;
          pause_reason?: string | null;
          paused_at?: string | null;
          redrive_after?: number | null;
          redrive_until?: number | null;
          secret: string;
          updated_at?: string;
          url: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          description?: string;
          event_names?: string[];
          failing_since?: string | null;
          former_secret_expires_at?: string | null;
          id?: string;
          instance_id?: string | null;
          is_active?: boolean;
          last_sequence?: number;
          organization_id?: string;
          pause_reason?: string | null;
          paused_at?: string | null;
          redrive_after?: number | null;
          redrive_until?: number | null;
          secret?: string;
          updated_at?: string;
          url?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'webhook_endpoints_instance_id_organization_id_fkey';
            columns: ['instance_id', 'organization_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id', 'organization_id'];
          },
          {
            foreignKeyName: 'webhook_endpoints_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      whatsapp_instances: {
        Row: {
          account_lid: string | null;
          account_phone: string | null;
          created_at: string;
          deleted_at: string | null;
          desired_state: 'running' | 'stopped';
          group_policy: 'ignore' | 'store';
          has_session: boolean | null;
          history_policy: 'ignore' | 'store' | 'contacts';
          id: string;
          instance_name: string;
          last_connected_at: string | null;
          last_disconnect_reason: string | null;
          lease_epoch: number;
          lease_expires_at: string | null;
          lease_owner: string | null;
          logout_ended_at: string | null;
          logout_expires_at: string | null;
          logout_requested_at: string | null;
          logout_result:
            | 'confirmed'
            | 'already_unlinked'
            | 'banned'
            | 'not_linked'
            | 'expired'
            | 'session_unreadable'
            | 'unconfirmed'
            | null;
          messages_received_count: number;
          messages_sent_count: number;
          organization_id: string;
          pairing_method: 'code' | 'qr';
          phone_number: string | null;
          restriction: Json | null;
          resumes: string | null;
          session_data: string | null;
          status: 'connected' | 'disconnected' | 'connecting' | 'qr_pending';
          updated_at: string;
          instance_view: Json | null;
          is_leased: boolean | null;
        };
        Insert: {
          account_lid?: string | null;
          account_phone?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          desired_state?: 'running' | 'stopped';
          group_policy?: 'ignore' | 'store';
          has_session?: never;
          history_policy?: 'ignore' | 'store' | 'contacts';
          id?: string;
          instance_name: string;
          last_connected_at?: string | null;
          last_disconnect_reason?: string | null;
          lease_epoch?: number;
          lease_expires_at?: string | null;
          lease_owner?: string | null;
          logout_ended_at?: string | null;
          logout_expires_at?: string | null;
          logout_requested_at?: string | null;
          logout_result?:
            | 'confirmed'
            | 'already_unlinked'
            | 'banned'
            | 'not_linked'
            | 'expired'
            | 'session_unreadable'
            | 'unconfirmed'
            | null;
          messages_received_count?: number;
          messages_sent_count?: number;
          organization_id: string;
          pairing_method?: 'code' | 'qr';
          phone_number?: string | null;
          restriction?: Json | null;
          resumes?: never;
          session_data?: string | null;
          status?: 'connected' | 'disconnected' | 'connecting' | 'qr_pending';
          updated_at?: string;
        };
        Update: {
          account_lid?: string | null;
          account_phone?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          desired_state?: 'running' | 'stopped';
          group_policy?: 'ignore' | 'store';
          has_session?: never;
          history_policy?: 'ignore' | 'store' | 'contacts';
          id?: string;
          instance_name?: string;
          last_connected_at?: string | null;
          last_disconnect_reason?: string | null;
          lease_epoch?: number;
          lease_expires_at?: string | null;
          lease_owner?: string | null;
          logout_ended_at?: string | null;
          logout_expires_at?: string | null;
          logout_requested_at?: string | null;
          logout_result?:
            | 'confirmed'
            | 'already_unlinked'
            | 'banned'
            | 'not_linked'
            | 'expired'
            | 'session_unreadable'
            | 'unconfirmed'
            | null;
          messages_received_count?: number;
          messages_sent_count?: number;
          organization_id?: string;
          pairing_method?: 'code' | 'qr';
          phone_number?: string | null;
          restriction?: Json | null;
          resumes?: never;
          session_data?: string | null;
          status?: 'connected' | 'disconnected' | 'connecting' | 'qr_pending';
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'whatsapp_instances_organization_id_fkey';
            columns: ['organization_id'];
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      whatsapp_session_keys: {
        Row: {
          instance_id: string;
          key_id: string;
          key_type: string;
          updated_at: string;
          value: string;
        };
        Insert: {
          instance_id: string;
          key_id: string;
          key_type: string;
          updated_at?: string;
          value: string;
        };
        Update: {
          instance_id?: string;
          key_id?: string;
          key_type?: string;
          updated_at?: string;
          value?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'whatsapp_session_keys_instance_id_fkey';
            columns: ['instance_id'];
            referencedRelation: 'whatsapp_instances';
            referencedColumns: ['id'];
          },
        ];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      acquire_session: { Args: { p: Json }; Returns: Json };
      add_count: { Args: { p_counts: Json; p_kind: string; p_rows: number }; Returns: Json };
      addressed_contact: {
        Args: { p_chat_key: string; p_contact_id: string };
        Returns: {
          created_at: string;
          id: string;
          last_message_at: string | null;
          lid: string | null;
          merged_into: string | null;
          name: string;
          name_source: 'unknown' | 'push' | 'person';
          organization_id: string;
          phone_number: string | null;
          read_until: number;
          updated_at: string;
        }[];
        SetofOptions: {
          from: '*';
          to: 'contacts';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      announce_keys: { Args: { p: Json }; Returns: Json };
      answer_invitation: { Args: { p: Json }; Returns: Json };
      answer_media: { Args: { p: Json }; Returns: Json };
      answer_node_request: { Args: { p: Json }; Returns: Json };
      api_key_grant: { Args: { p_key: Database['public']['Tables']['api_keys']['Row'] }; Returns: Json };
      api_key_view: { Args: { p_key: Database['public']['Tables']['api_keys']['Row'] }; Returns: Json };
      append_event: {
        Args: { p_event: Json; p_instance_id: string; p_organization_id: string };
        Returns: Json;
      };
      append_events: { Args: { p_events: Json }; Returns: Json };
      append_group_event: {
        Args: {
          p_at: string;
          p_change: string;
          p_from: string;
          p_group: Database['public']['Tables']['groups']['Row'];
          p_members: Json;
          p_subject: string;
        };
        Returns: Json;
      };
      append_media_event: { Args: { p_message_id: string }; Returns: Json };
      apply_audit_retention: { Args: { p: Json }; Returns: Json };
      apply_change: {
        Args: { p_change: Database['public']['CompositeTypes']['ingest_work'] };
        Returns: Record<string, unknown>;
      };
      apply_changes: {
        Args: {
          p_is_awaited: boolean;
          p_stored: number[];
          p_work: Database['public']['CompositeTypes']['ingest_work'][];
        };
        Returns: Record<string, unknown>;
      };
      apply_inbox_retention: {
        Args: {
          p_instance_id: string;
          p_limit: number;
          p_settings: Database['public']['Tables']['retention_settings']['Row'];
        };
        Returns: Json;
      };
      apply_receipts: { Args: { p: Json }; Returns: Json };
      apply_retention: { Args: { p: Json }; Returns: Json };
      ask_node: { Args: { p: Json }; Returns: Json };
      attach_media: { Args: { p_file_id: string; p_media: Json; p_message_id: string }; Returns: undefined };
      authenticate_api_key: { Args: { p: Json }; Returns: Json };
      begin_audit: { Args: { p: Json }; Returns: Json };
      begin_ingest: {
        Args: { p_items: Json; p_worker: string };
        Returns: Database['public']['CompositeTypes']['ingest_work'][];
      };
      begin_logout: { Args: { p: Json }; Returns: Json };
      begin_once: {
        Args: { p_once: Json; p_organization_id: string };
        Returns: {
          action: string;
          created_at: string;
          key: string;
          nonce: string | null;
          object_id: string;
          organization_id: string;
          request_hash: string;
        };
        SetofOptions: {
          from: '*';
          to: 'idempotency_keys';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      begin_outbound: { Args: { p: Json }; Returns: Json };
      booking_event: {
        Args: { p_booking: Database['public']['Tables']['bookings']['Row']; p_previous_status: string };
        Returns: Json;
      };
      booking_policy_of: { Args: { p_default: string; p_organization_id: string }; Returns: string };
      booking_row: { Args: { p_booking: Database['public']['Tables']['bookings']['Row'] }; Returns: Json };
      branch_of: { Args: { p_contact_id: string }; Returns: string[] };
      bury_nodes: { Args: { p: Json }; Returns: Json };
      change_booking: { Args: { p: Json }; Returns: Json };
      change_note: { Args: { p: Json }; Returns: Json };
      change_webhook: { Args: { p: Json }; Returns: Json };
      changer_of: {
        Args: { p_change: Database['public']['CompositeTypes']['ingest_work'] };
        Returns: string;
      };
      changes_made: { Args: { p_message_id: string; p_metadata: Json; p_note_id: string }; Returns: Json };
      chat_keys_of: { Args: { p_contact_ids: string[] }; Returns: string[] };
      check_epochs: { Args: { p_epochs: Json }; Returns: undefined };
      claim_history: { Args: { p: Json }; Returns: Json };
      claim_inbox: { Args: { p: Json }; Returns: Json };
      claim_media: { Args: { p: Json }; Returns: Json };
      claim_webhook_deliveries: { Args: { p: Json }; Returns: Json };
      close_organization: { Args: { p: Json }; Returns: Json };
      closed_hours: {
        Args: { p_at: string; p_settings: Database['public']['Tables']['organization_settings']['Row'] };
        Returns: Record<string, unknown>;
      };
      commit_and_ingest: { Args: { p: Json }; Returns: Json };
      commit_encoded_batch: { Args: { p: Json }; Returns: Json };
      commit_session_batch: { Args: { p: Json }; Returns: Json };
      conclude_erasure: {
        Args: { p_erasure: Database['public']['Tables']['erasures']['Row'] };
        Returns: {
          contact_id: string;
          counts: NonNullable<Json>;
          erased_at: string | null;
          event_cursor: number;
          former_lids: string[] | null;
          former_phones: string[] | null;
          id: string;
          inbox_cursor: number;
          is_near_end: boolean;
          is_person_gone: boolean;
          lid: string | null;
          merged_ids: string[];
          organization_id: string;
          phone_number: string | null;
          requested_at: string;
        };
        SetofOptions: {
          from: 'erasures';
          to: 'erasures';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      contact_conditions: { Args: { p: Json; p_name: string }; Returns: string };
      contacts_by_keys: { Args: { p_limit: number; p_search: Json }; Returns: string[] };
      conversation_address: {
        Args: { p_instance_id: string; p_lid: string; p_numbers: Json; p_organization_id: string };
        Returns: Json;
      };
      count_locked_sessions: { Args: { p: Json }; Returns: Json };
      count_received: {
        Args: { p_outcomes: Database['public']['CompositeTypes']['ingest_outcome'][] };
        Returns: undefined;
      };
      count_rows: { Args: { p: Json }; Returns: number[] };
      count_sealed: { Args: { p: Json }; Returns: Json };
      counted_answers: { Args: { p_id: string; p_metadata: Json }; Returns: Json };
      create_api_key: { Args: { p: Json }; Returns: Json };
      create_booking: { Args: { p: Json }; Returns: Json };
      create_calendar_feed: { Args: { p: Json }; Returns: Json };
      create_instance: { Args: { p: Json }; Returns: Json };
      create_note: { Args: { p: Json }; Returns: Json };
      create_organization: { Args: { p: Json }; Returns: Json };
      create_webhook: { Args: { p: Json }; Returns: Json };
      current_contact: { Args: { p_contact_id: string; p_organization_id: string }; Returns: string };
      data_keys_of: { Args: { p_instance_id: string; p_purpose: string }; Returns: Json };
      default_retention: {
        Args: { p_organization_id: string };
        Returns: {
          audit_days: number | null;
          bookings_days: number | null;
          events_days: number | null;
          inbox_bodies_days: number | null;
          inbox_days: number | null;
          messages_days: number | null;
          notes_days: number | null;
          organization_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'retention_settings';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      delete_changed: {
        Args: {
          p_change: Database['public']['CompositeTypes']['ingest_work'];
          p_id: string;
          p_is_note: boolean;
        };
        Returns: undefined;
      };
      delete_note: { Args: { p: Json }; Returns: Json };
      describe_database: { Args: { p: Json }; Returns: Json };
      do_work: {
        Args: {
          p_booking_policy: string;
          p_is_early: boolean;
          p_work: Database['public']['CompositeTypes']['ingest_work'][];
        };
        Returns: Record<string, unknown>;
      };
      do_work_under: {
        Args: {
          p_booking_policy: string;
          p_is_answering: boolean;
          p_is_early: boolean;
          p_work: Database['public']['CompositeTypes']['ingest_work'][];
        };
        Returns: Record<string, unknown>;
      };
      doom_media_files: { Args: { p: Json }; Returns: Json };
      drop_retired_keys: { Args: { p: Json }; Returns: Json };
      empty_inbox_rows: { Args: { p_ids: number[] }; Returns: number };
      encode_base64: { Args: { value: string }; Returns: string };
      end_keys_made: { Args: { p: Json }; Returns: Json };
      end_of_held: { Args: { p_by: Json; p_organization_id: string; p_scopes: string[] }; Returns: string };
      end_of_new_key: { Args: { p_asked: string; p_held: string; p_usual: string }; Returns: string };
      end_of_service: { Args: { p_service: Json; p_starts_at: string }; Returns: string };
      end_once: {
        Args: { p_object_id: string; p_once: Json; p_organization_id: string };
        Returns: undefined;
      };
      enqueue_webhook_events: {
        Args: {
          p_after: number;
          p_limit: number;
          p_until: number;
          p_webhook: Database['public']['Tables']['webhook_endpoints']['Row'];
        };
        Returns: number;
      };
      erase_contact: { Args: { p: Json }; Returns: Json };
      erase_conversation: {
        Args: {
          p_contact_id: string;
          p_erasure: Database['public']['Tables']['erasures']['Row'];
          p_limit: number;
        };
        Returns: Record<string, unknown>;
      };
      erase_from_events: {
        Args: {
          p_contact_id: string;
          p_erasure: Database['public']['Tables']['erasures']['Row'];
          p_limit: number;
          p_window: number;
        };
        Returns: Record<string, unknown>;
      };
      erase_from_groups: {
        Args: { p_erasure: Database['public']['Tables']['erasures']['Row'] };
        Returns: {
          contact_id: string;
          counts: NonNullable<Json>;
          erased_at: string | null;
          event_cursor: number;
          former_lids: string[] | null;
          former_phones: string[] | null;
          id: string;
          inbox_cursor: number;
          is_near_end: boolean;
          is_person_gone: boolean;
          lid: string | null;
          merged_ids: string[];
          organization_id: string;
          phone_number: string | null;
          requested_at: string;
        };
        SetofOptions: {
          from: 'erasures';
          to: 'erasures';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      erase_from_inbox: {
        Args: {
          p_erasure: Database['public']['Tables']['erasures']['Row'];
          p_limit: number;
          p_window: number;
        };
        Returns: Record<string, unknown>;
      };
      erase_person: {
        Args: { p_contact_id: string; p_erasure: Database['public']['Tables']['erasures']['Row'] };
        Returns: {
          contact_id: string;
          counts: NonNullable<Json>;
          erased_at: string | null;
          event_cursor: number;
          former_lids: string[] | null;
          former_phones: string[] | null;
          id: string;
          inbox_cursor: number;
          is_near_end: boolean;
          is_person_gone: boolean;
          lid: string | null;
          merged_ids: string[];
          organization_id: string;
          phone_number: string | null;
          requested_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'erasures';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      erased_lids: {
        Args: { p_erasure: Database['public']['Tables']['erasures']['Row'] };
        Returns: string[];
      };
      erased_pattern: {
        Args: { p_erasure: Database['public']['Tables']['erasures']['Row'] };
        Returns: string;
      };
      erased_phones: {
        Args: { p_erasure: Database['public']['Tables']['erasures']['Row'] };
        Returns: string[];
      };
      erased_strangers: {
        Args: { p_erasure: Database['public']['Tables']['erasures']['Row'] };
        Returns: string[];
      };
      erasure_receipt: { Args: { e: Database['public']['Tables']['erasures']['Row'] }; Returns: Json };
      event_heads: { Args: { p: Json }; Returns: Json };
      event_time: { Args: { p_at: string }; Returns: string };
      events_around: {
        Args: { p_organization_id: string; p_time: string };
        Returns: Record<string, unknown>;
      };
      events_since: { Args: { p_organization_id: string; p_sequence: number }; Returns: Json };
      export_contact: { Args: { p: Json }; Returns: Json };
      filled_template: { Args: { p_template: string; p_values: Json }; Returns: string };
      find_asked_media: { Args: { p: Json }; Returns: Json };
      find_booking: { Args: { p: Json }; Returns: Json };
      find_change_targets: { Args: { p: Json }; Returns: Json };
      find_changed: {
        Args: { p_change: Database['public']['CompositeTypes']['ingest_work'] };
        Returns: Record<string, unknown>;
      };
      find_contact: { Args: { p: Json }; Returns: Json };
      find_inbox: { Args: { p: Json }; Returns: Json };
      find_media: { Args: { p: Json }; Returns: Json };
      find_note: { Args: { p: Json }; Returns: Json };
      find_outbound: { Args: { p: Json }; Returns: Json };
      find_outbound_content: { Args: { p: Json }; Returns: Json };
      find_pairing_qr: { Args: { p: Json }; Returns: Json };
      find_undecrypted: {
        Args: {
          p_chat: string;
          p_chat_kind: string;
          p_contact_id: string;
          p_from_me: boolean;
          p_instance_id: string;
          p_lid: string;
          p_message_id: string;
          p_phone: string;
        };
        Returns: {
          chat: string;
          chat_kind: string;
          created_at: string;
          from_me: boolean;
          id: number;
          inbox_id: number;
          instance_id: string;
          lid: string | null;
          message_id: string;
          organization_id: string;
          phone: string | null;
          received_at: string;
          recovered_inbox_id: number | null;
          sent_at: string;
          settled_at: string | null;
          state: 'waiting' | 'recovered' | 'given_up';
        }[];
        SetofOptions: {
          from: '*';
          to: 'undecrypted_messages';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      finish_audit: { Args: { p: Json }; Returns: Json };
      finish_history: { Args: { p: Json }; Returns: Json };
      finish_media_file: { Args: { p: Json }; Returns: Json };
      finish_outbound: { Args: { p: Json }; Returns: Json };
      first_unread: { Args: { p_contact: Database['public']['Tables']['contacts']['Row'] }; Returns: number };
      forget_in_events: {
        Args: { p_instance_id: string; p_message_id: string; p_organization_id: string; p_stored_at: string };
        Returns: undefined;
      };
      forget_media_files: { Args: { p: Json }; Returns: Json };
      forget_quote_in_events: {
        Args: { p_instance_id: string; p_message_id: string; p_organization_id: string; p_stored_at: string };
        Returns: undefined;
      };
      forget_quotes: {
        Args: {
          p_contact_id: string;
          p_erasure: Database['public']['Tables']['erasures']['Row'];
          p_instances: string[];
          p_message_ids: string[];
        };
        Returns: undefined;
      };
      former_addresses_of: {
        Args: { p_contact: Database['public']['Tables']['contacts']['Row']; p_kind: string };
        Returns: string[];
      };
      former_owners: {
        Args: { p_contact_id: string; p_organization_id: string; p_phones: string[] };
        Returns: string[];
      };
      give_up_undecrypted: { Args: { p: Json }; Returns: Json };
      group_chat_key: {
        Args: { p_from_me: boolean; p_jid: string; p_lid: string; p_phone: string };
        Returns: string;
      };
      group_of: {
        Args: { p_instance_id: string; p_jid: string; p_organization_id: string };
        Returns: {
          created_at: string;
          description: string | null;
          id: string;
          instance_id: string;
          jid: string;
          learnt_at: string | null;
          organization_id: string;
          owner_lid: string | null;
          owner_phone: string | null;
          subject: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'groups';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      group_view: { Args: { p_group: Database['public']['Tables']['groups']['Row'] }; Returns: Json };
      has_usable_api_key: { Args: { p: Json }; Returns: Json };
      history_anchor: { Args: { p: Json }; Returns: Json };
      history_of: { Args: { p: Json }; Returns: Json };
      history_ordinal: { Args: { p_id: string; p_sent_at: string }; Returns: number };
      history_waits: { Args: Record<PropertyKey, never>; Returns: boolean };
      hold_group: {
        Args: { p_instance_id: string; p_jid: string };
        Returns: {
          created_at: string;
          description: string | null;
          id: string;
          instance_id: string;
          jid: string;
          learnt_at: string | null;
          organization_id: string;
          owner_lid: string | null;
          owner_phone: string | null;
          subject: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'groups';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      hold_media_file: { Args: { p: Json }; Returns: Json };
      hold_note: {
        Args: { p: Json };
        Returns: {
          chat_key: string;
          contact_id: string | null;
          content: string;
          content_type: string;
          created_at: string;
          created_by: Json | null;
          deleted_at: string | null;
          edited_at: string | null;
          id: string;
          inbox_id: number | null;
          instance_id: string | null;
          is_forwarded: boolean;
          is_view_once: boolean;
          mentions: Json | null;
          metadata: Json | null;
          ordinal: number;
          organization_id: string;
          reply_to: Json | null;
          secret: string | null;
          sent_at: string;
          type: string;
          whatsapp_message_id: string | null;
        };
        SetofOptions: {
          from: '*';
          to: 'notes';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      hold_webhook: {
        Args: { p: Json };
        Returns: {
          created_at: string;
          deleted_at: string | null;
          description: string;
          event_names: string[];
          failing_since: string | null;
          former_secret_expires_at: string | null;
          id: string;
          instance_id: string | null;
          is_active: boolean;
          last_sequence: number;
          organization_id: string;
          pause_reason: string | null;
          paused_at: string | null;
          redrive_after: number | null;
          redrive_until: number | null;
          secret: string;
          updated_at: string;
          url: string;
        };
        SetofOptions: {
          from: '*';
          to: 'webhook_endpoints';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      ids_of_contact: { Args: { p_contact_id: string }; Returns: string[] };
      inbox_addressing: { Args: { p_attrs: Json; p_chat: string; p_sender: string }; Returns: string };
      inbox_waits: { Args: Record<PropertyKey, never>; Returns: boolean };
      ingest_inbox: { Args: { p: Json }; Returns: Json };
      ingest_received: {
        Args: {
          p_booking_policy: string;
          p_organization_ids: string[];
          p_rows: Database['public']['CompositeTypes']['ingest_row'][];
        };
        Returns: Record<string, unknown>;
      };
      instance_integrity: { Args: { p: Json }; Returns: Json };
      instance_pacing: { Args: { p: Json }; Returns: Json };
      instance_view: {
        Args: { i: Database['public']['Tables']['whatsapp_instances']['Row'] };
        Returns: Json;
      };
      invitation_view: {
        Args: { p_invitation: Database['public']['Tables']['organization_invitations']['Row'] };
        Returns: Json;
      };
      invitations_of: { Args: { p: Json }; Returns: Json };
      invite_member: { Args: { p: Json }; Returns: Json };
      is_first_contact: { Args: { p_contact_id: string; p_stored: number[] }; Returns: boolean };
      is_group_unknown: { Args: { p: Json }; Returns: Json };
      is_in_group: {
        Args: { p_change: Database['public']['CompositeTypes']['ingest_work'] };
        Returns: boolean;
      };
      is_leased: {
        Args: { p_instance: Database['public']['Tables']['whatsapp_instances']['Row'] };
        Returns: boolean;
      };
      is_media_file_used: { Args: { p_id: string }; Returns: boolean };
      is_usable: { Args: { p_key: Database['public']['Tables']['api_keys']['Row'] }; Returns: boolean };
      join_conversations: { Args: { p_contact_ids: string[] }; Returns: undefined };
      keep_change: {
        Args: { p_change: Database['public']['CompositeTypes']['ingest_work'] };
        Returns: string;
      };
      keep_one_booking: {
        Args: { p_contact_id: string; p_instance_id: string; p_organization_id: string };
        Returns: string[];
      };
      keep_service_secret: { Args: { p: Json }; Returns: Json };
      keys_at_an_end: { Args: { p_keys: string[]; p_within: string[] }; Returns: string[] };
      lacks_data_key: {
        Args: {
          p_instance: Database['public']['Tables']['whatsapp_instances']['Row'];
          p_master_ids: Json;
          p_purpose: string;
        };
        Returns: boolean;
      };
      language_for: { Args: { p_languages: string[]; p_phone: string }; Returns: string };
      language_of_phone: { Args: { p_phone: string }; Returns: string };
      last_instance_of: { Args: { p_contact_id: string }; Returns: string };
      last_message_of: { Args: { p_contact_id: string }; Returns: number };
      last_message_time: { Args: { p_contact_id: string }; Returns: string };
      learn_addresses: {
        Args: {
          p_contact: Database['public']['Tables']['contacts']['Row'];
          p_erasure: Database['public']['Tables']['erasures']['Row'];
        };
        Returns: {
          contact_id: string;
          counts: NonNullable<Json>;
          erased_at: string | null;
          event_cursor: number;
          former_lids: string[] | null;
          former_phones: string[] | null;
          id: string;
          inbox_cursor: number;
          is_near_end: boolean;
          is_person_gone: boolean;
          lid: string | null;
          merged_ids: string[];
          organization_id: string;
          phone_number: string | null;
          requested_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'erasures';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      learn_group: { Args: { p: Json }; Returns: Json };
      learn_people: { Args: { p: Json }; Returns: Json };
      list_conversations: { Args: { p: Json }; Returns: Json };
      list_events: { Args: { p: Json }; Returns: Json };
      list_groups: { Args: { p: Json }; Returns: Json };
      list_keys_to_rewrap: { Args: { p: Json }; Returns: Json };
      list_merges: { Args: { p: Json }; Returns: Json };
      list_messages: { Args: { p: Json }; Returns: Json };
      list_nodes: { Args: { p: Json }; Returns: Json };
      list_notes: { Args: { p: Json }; Returns: Json };
      list_open_outbound: { Args: { p: Json }; Returns: Json };
      list_unkeyed_instances: { Args: { p: Json }; Returns: Json };
      list_webhook_deliveries: { Args: { p: Json }; Returns: Json };
      local_time: { Args: { p_at: string; p_language: string; p_time_zone: string }; Returns: string };
      lock_to_count: { Args: { p_organization_id: string }; Returns: undefined };
      look_up_people: {
        Args: { p_booking_policy: string; p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: Record<string, unknown>;
      };
      make_work: {
        Args: { p_rows: Database['public']['CompositeTypes']['ingest_row'][] };
        Returns: Database['public']['CompositeTypes']['ingest_work'][];
      };
      mark_erased: {
        Args: {
          p_erasure: Database['public']['Tables']['erasures']['Row'];
          p_instances: string[];
          p_message_ids: string[];
        };
        Returns: undefined;
      };
      may_change_in_group: {
        Args: { p_change: Database['public']['CompositeTypes']['ingest_work']; p_id: string };
        Returns: boolean;
      };
      media_subject: { Args: { p_id: string }; Returns: Record<string, unknown> };
      media_view: { Args: { p_message_id: string }; Returns: Json };
      media_waits: { Args: Record<PropertyKey, never>; Returns: Json };
      memberships_of: { Args: { p: Json }; Returns: Json };
      merge_contacts: {
        Args: { p_booking_policy: string; p_instance_id: string; p_kept: string; p_lost: string };
        Returns: undefined;
      };
      merge_people: { Args: { p: Json }; Returns: Json };
      message_conditions: { Args: { p: Json }; Returns: string };
      message_extras: { Args: { p_message: Database['public']['Tables']['messages']['Row'] }; Returns: Json };
      message_history: { Args: { p: Json }; Returns: Json };
      message_mark: {
        Args: { p_address: string; p_instance_id: string; p_message_id: string };
        Returns: string;
      };
      message_payload: {
        Args: {
          p_booking_id: string;
          p_contact_id: string;
          p_detail: Json;
          p_from: string;
          p_instance_id: string;
          p_message_id: string;
          p_sent_at: string;
          p_text: string;
        };
        Returns: Json;
      };
      message_sent_event: {
        Args: { p_message: Database['public']['Tables']['messages']['Row']; p_to: string };
        Returns: Json;
      };
      messages_by_keys: {
        Args: {
          p_bound: number;
          p_keys: number[];
          p_limit: number;
          p_patterns: string[];
          p_place: number;
          p_search: Json;
        };
        Returns: number[];
      };
      move_conversation: {
        Args: { p_branch: string[]; p_from: string; p_kept: string; p_lost: string; p_to: string };
        Returns: undefined;
      };
      my_organizations: { Args: Record<PropertyKey, never>; Returns: string[] };
      name_keys: { Args: { p_organization_id: string; p_text: string }; Returns: number[] };
      name_keys_of: { Args: { p_organization_id: string; p_words: string[] }; Returns: number[] };
      named_by_placeholder: {
        Args: { p_row: Database['public']['CompositeTypes']['ingest_row'] };
        Returns: Record<string, unknown>;
      };
      needs_data_key: {
        Args: { p_instance_id: string; p_master_ids: Json; p_purpose: string };
        Returns: boolean;
      };
      node_heartbeat: { Args: { p: Json }; Returns: Json };
      node_poll: { Args: { p: Json }; Returns: Json };
      node_tick: { Args: { p: Json }; Returns: Json };
      note_event: {
        Args: { p_change: string; p_note: Database['public']['Tables']['notes']['Row'] };
        Returns: Json;
      };
      note_extras: { Args: { p_note: Database['public']['Tables']['notes']['Row'] }; Returns: Json };
      note_group_changes: { Args: { p: Json }; Returns: Json };
      note_history: {
        Args: { p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: undefined;
      };
      note_read: { Args: { p: Json }; Returns: Json };
      note_row: { Args: { p_note: Database['public']['Tables']['notes']['Row'] }; Returns: Json };
      number_parts: { Args: { p_search: Json }; Returns: string[] };
      open_call: { Args: { p: Json }; Returns: Json };
      open_hours: {
        Args: {
          p_at: string;
          p_days: number;
          p_settings: Database['public']['Tables']['organization_settings']['Row'];
        };
        Returns: Record<string, unknown>[];
      };
      organization_data_keys: { Args: { p: Json }; Returns: Json };
      organization_of_object: { Args: { p_id: string; p_type: string }; Returns: string };
      outbound_rank: { Args: { p_status: string }; Returns: number };
      outbound_view: { Args: { m: Database['public']['Tables']['messages']['Row'] }; Returns: Json };
      owner_addresses: { Args: { p_organization_ids: string[] }; Returns: Json };
      owner_versions: { Args: { p_organization_ids: string[] }; Returns: Json };
      pause_webhook: { Args: { p_id: string; p_reason: string }; Returns: boolean };
      person_conditions: { Args: { p: Json }; Returns: string };
      person_name: { Args: { p_lid: string; p_phone: string }; Returns: string };
      person_pattern: { Args: { p_lids: string[]; p_phones: string[] }; Returns: string };
      plausible_number: { Args: { p_value: Json }; Returns: number };
      prepare_outbound: { Args: { p: Json }; Returns: Json };
      promote_webhook_deliveries: { Args: { p_chats: string[]; p_endpoint_id: string }; Returns: undefined };
      put_group_members: {
        Args: { p_group: Database['public']['Tables']['groups']['Row']; p_people: Json; p_role: string };
        Returns: undefined;
      };
      put_member: { Args: { p: Json }; Returns: Json };
      queue_stats: { Args: { p: Json }; Returns: Json };
      read_again: {
        Args: { p_stored: number[]; p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: Record<string, unknown>;
      };
      read_calendar: { Args: { p: Json }; Returns: Json };
      read_contact: { Args: { p: Json }; Returns: Json };
      read_data_keys: { Args: { p: Json }; Returns: Json };
      read_event: {
        Args: { p_contact_id: string; p_instance_id: string; p_organization_id: string };
        Returns: Json;
      };
      read_group: { Args: { p: Json }; Returns: Json };
      read_message: { Args: { p: Json }; Returns: Json };
      read_messages: { Args: { p_ids: string[]; p_organization_id: string }; Returns: Json };
      read_node_answer: { Args: { p: Json }; Returns: Json };
      read_node_answers: { Args: { p: Json }; Returns: Json };
      read_page: { Args: { p_rows: unknown }; Returns: Json };
      read_retention: { Args: { p: Json }; Returns: Json };
      read_session_keys: { Args: { p: Json }; Returns: Json };
      read_settings: { Args: { p: Json }; Returns: Json };
      record_undecrypted: {
        Args: { p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: number[];
      };
      recover_undecrypted: {
        Args: { p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: undefined;
      };
      redrive_inbox: { Args: { p: Json }; Returns: Json };
      redrive_webhook: { Args: { p: Json }; Returns: Json };
      refuse_while_erased: { Args: { p_contact_ids: string[] }; Returns: undefined };
      release_claims: { Args: { p: Json }; Returns: Json };
      release_session: { Args: { p: Json }; Returns: Json };
      remember_addresses: {
        Args: { p_contact_id: string; p_lid: string; p_phone: string };
        Returns: undefined;
      };
      remove_member: { Args: { p: Json }; Returns: Json };
      rename_contact: { Args: { p: Json }; Returns: Json };
      renew_claims: { Args: { p: Json }; Returns: Json };
      renew_data_keys: { Args: { p: Json }; Returns: Json };
      renew_media_claims: { Args: { p: Json }; Returns: Json };
      renew_running_keys: { Args: { p: Json }; Returns: Json };
      repeat_outbound: { Args: { p: Json }; Returns: Json };
      replace_data_key: {
        Args: {
          p_instance: Database['public']['Tables']['whatsapp_instances']['Row'];
          p_new: Json;
          p_purpose: string;
        };
        Returns: undefined;
      };
      replace_placeholders: {
        Args: { p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: number[];
      };
      replace_webhook_secret: { Args: { p: Json }; Returns: Json };
      replay_view: {
        Args: { p_known: Database['public']['Tables']['idempotency_keys']['Row'] };
        Returns: Json;
      };
      reply_about_booking: {
        Args: { p_booking: Database['public']['Tables']['bookings']['Row'] };
        Returns: Json;
      };
      reply_automatically: {
        Args: {
          p_contact_id: string;
          p_instance_id: string;
          p_occasion: string;
          p_organization_id: string;
          p_subject: string;
          p_values: Json;
        };
        Returns: Json;
      };
      reply_to_received: {
        Args: { p_stored: number[]; p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: Json;
      };
      require_other_owner: { Args: { p: Json }; Returns: undefined };
      reseal_credentials: { Args: { p: Json }; Returns: Json };
      reseal_direct_values: { Args: { p: Json }; Returns: Json };
      reseal_inbox_bodies: { Args: { p: Json }; Returns: Json };
      reseal_message_values: { Args: { p: Json }; Returns: Json };
      reseal_session_keys: { Args: { p: Json }; Returns: Json };
      reseal_webhook_secrets: { Args: { p: Json }; Returns: Json };
      reserve_media_file: { Args: { p: Json }; Returns: Json };
      resolve_people: {
        Args: { p_booking_policy: string; p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: Record<string, unknown>;
      };
      resolve_person: {
        Args: {
          p_booking_policy: string;
          p_instance_id: string;
          p_lid: string;
          p_may_create: boolean;
          p_organization_id: string;
          p_other_phone: string;
          p_phone: string;
        };
        Returns: string;
      };
      restore_instance: { Args: { p: Json }; Returns: Json };
      resume_webhook: { Args: { p: Json }; Returns: Json };
      retention_cutoff: { Args: { p_days: number }; Returns: string };
      retention_of: {
        Args: { p_organization_id: string };
        Returns: {
          audit_days: number | null;
          bookings_days: number | null;
          events_days: number | null;
          inbox_bodies_days: number | null;
          inbox_days: number | null;
          messages_days: number | null;
          notes_days: number | null;
          organization_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'retention_settings';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      retry_media: { Args: { p: Json }; Returns: Json };
      revoke_api_key: { Args: { p: Json }; Returns: Json };
      rewrap_data_keys: { Args: { p: Json }; Returns: Json };
      rotate_api_key: { Args: { p: Json }; Returns: Json };
      rotation_blockers: { Args: { p: Json }; Returns: Json };
      rows_about: { Args: { p_table: unknown }; Returns: number };
      scan_conversations: {
        Args: { p: Json; p_ids: string[]; p_place: number; p_scan: number };
        Returns: Record<string, unknown>;
      };
      scan_messages: {
        Args: {
          p: Json;
          p_bound: number;
          p_is_stored: boolean;
          p_patterns: string[];
          p_place: number;
          p_scan: number;
        };
        Returns: Record<string, unknown>;
      };
      schema_versions: { Args: { p: Json }; Returns: Json };
      scopes_of_role: { Args: { p_role: string }; Returns: string[] };
      sealed_message_columns: {
        Args: Record<PropertyKey, never>;
        Returns: {
          column_name: string;
          id_column: string;
          kind: string;
          place: number;
          table_name: string;
        }[];
      };
      search_conditions: { Args: { p: Json }; Returns: string };
      search_contacts: { Args: { p: Json }; Returns: Json };
      search_keys: { Args: { p_organization_id: string; p_text: string }; Returns: number[] };
      search_keys_of: { Args: { p_organization_id: string; p_words: string[] }; Returns: number[] };
      search_messages: { Args: { p: Json }; Returns: Json };
      search_patterns: { Args: { p_words: string[] }; Returns: string[] };
      search_text: { Args: { p_text: string }; Returns: string };
      search_waits: { Args: Record<PropertyKey, never>; Returns: Json };
      search_words: { Args: { p_search: string }; Returns: string[] };
      service_named: { Args: { p_organization_id: string; p_service_id: string }; Returns: Json };
      session_holder: { Args: { p: Json }; Returns: Json };
      set_instance_status: { Args: { p: Json }; Returns: Json };
      settings_of: {
        Args: { p_organization_id: string };
        Returns: {
          automatic_replies: NonNullable<Json>;
          booking_policy: 'one-open' | 'every-message' | 'off' | null;
          group_policy: 'ignore' | 'store';
          history_policy: 'ignore' | 'store' | 'contacts';
          languages: string[];
          office_hours: Json | null;
          organization_id: string;
          services: NonNullable<Json>;
          time_zone: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'organization_settings';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      settings_row: {
        Args: { p_settings: Database['public']['Tables']['organization_settings']['Row'] };
        Returns: Json;
      };
      settle_media: { Args: { p: Json }; Returns: Json };
      settle_webhook_delivery: { Args: { p: Json }; Returns: Json };
      shown_bytes: {
        Args: {
          p_content: string;
          p_message_id: string;
          p_metadata: Json;
          p_note_id: string;
          p_reply_to: Json;
        };
        Returns: number;
      };
      shred_drained_keys: { Args: { p: Json }; Returns: Json };
      skip_erased: {
        Args: { p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: Database['public']['CompositeTypes']['ingest_work'][];
      };
      stale_credentials: { Args: { p: Json }; Returns: Json };
      stale_direct_values: { Args: { p: Json }; Returns: Json };
      stale_inbox_bodies: { Args: { p: Json }; Returns: Json };
      stale_message_values: { Args: { p: Json }; Returns: Json };
      stale_session_keys: { Args: { p: Json }; Returns: Json };
      stale_webhook_secrets: { Args: { p: Json }; Returns: Json };
      status_event: {
        Args: {
          m: Database['public']['Tables']['messages']['Row'];
          p_at: string;
          p_error: string;
          p_status: string;
        };
        Returns: Json;
      };
      status_times: { Args: { p_from: string; p_known: Json; p_new: Json }; Returns: Json };
      stays_of_two: {
        Args: {
          p_one: Database['public']['Tables']['contacts']['Row'];
          p_other: Database['public']['Tables']['contacts']['Row'];
        };
        Returns: boolean;
      };
      store_answer: {
        Args: {
          p_answer: Json;
          p_change: Database['public']['CompositeTypes']['ingest_work'];
          p_id: string;
          p_is_note: boolean;
        };
        Returns: boolean;
      };
      store_bookings: {
        Args: {
          p_booking_policy: string;
          p_stored: number[];
          p_work: Database['public']['CompositeTypes']['ingest_work'][];
        };
        Returns: undefined;
      };
      store_history: { Args: { p: Json }; Returns: Json };
      store_in_groups: {
        Args: { p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: Record<string, unknown>;
      };
      store_inbound: {
        Args: { p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: number[];
      };
      store_media: {
        Args: { p_stored: number[]; p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: undefined;
      };
      store_message_events: {
        Args: {
          p_booking_policy: string;
          p_stored: number[];
          p_work: Database['public']['CompositeTypes']['ingest_work'][];
        };
        Returns: Json;
      };
      store_note_events: {
        Args: { p_stored: number[]; p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: Json;
      };
      store_notes: {
        Args: { p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: number[];
      };
      store_pairing_qr: { Args: { p: Json }; Returns: Json };
      store_placeholders: {
        Args: { p_known: number[]; p_work: Database['public']['CompositeTypes']['ingest_work'][] };
        Returns: Record<string, unknown>;
      };
      store_reaction: {
        Args: {
          p_change: Database['public']['CompositeTypes']['ingest_work'];
          p_id: string;
          p_is_note: boolean;
        };
        Returns: boolean;
      };
      store_received: {
        Args: {
          p_outcomes: Database['public']['CompositeTypes']['ingest_outcome'][];
          p_received: Json;
          p_rows: Database['public']['CompositeTypes']['ingest_row'][];
        };
        Returns: number[];
      };
      stored_outbound: {
        Args: { p: Json };
        Returns: {
          change_of: string | null;
          chat_jid: string | null;
          chat_key: string;
          contact_id: string | null;
          content: string;
          content_type: string;
          created_at: string;
          deleted_at: string | null;
          direction: 'inbound' | 'outbound';
          edited_at: string | null;
          error: string | null;
          group_id: string | null;
          id: string;
          idempotency_key: string | null;
          inbox_id: number | null;
          instance_id: string;
          is_forwarded: boolean;
          is_view_once: boolean;
          mentions: Json | null;
          metadata: Json | null;
          ordinal: number;
          organization_id: string;
          payload: string | null;
          reason: string | null;
          repeats: number;
          reply_to: Json | null;
          request: Json | null;
          request_hash: string | null;
          secret: string | null;
          sender_lid: string | null;
          sender_name: string | null;
          sender_phone: string | null;
          sent_at: string;
          sent_from: string | null;
          status: 'received' | 'pending' | 'sent' | 'delivered' | 'read' | 'played' | 'failed' | 'unknown';
          status_at: Json | null;
          type: string;
          updated_at: string;
          whatsapp_message_id: string | null;
        }[];
        SetofOptions: {
          from: '*';
          to: 'messages';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      sweep_outbound: { Args: { p: Json }; Returns: Json };
      sweep_retention: { Args: { p: Json }; Returns: Json };
      take_node_requests: { Args: { p: Json }; Returns: Json };
      take_up_conversations: { Args: { p_after: number; p_until: number }; Returns: boolean };
      take_up_messages: { Args: { p: Json }; Returns: Json };
      take_up_webhook_events: { Args: { p: Json }; Returns: Json };
      throughput: { Args: { p: Json }; Returns: Json };
      tick_part: { Args: { p: Json; p_part: string }; Returns: Json };
      unfinished_closings: { Args: { p: Json }; Returns: Json };
      unfinished_erasures: { Args: { p: Json }; Returns: Json };
      unmerge_people: { Args: { p: Json }; Returns: Json };
      usable_api_keys: { Args: { p: Json }; Returns: Json };
      was_sent_to: {
        Args: { m: Database['public']['Tables']['messages']['Row']; p_lid: string; p_phone: string };
        Returns: boolean;
      };
      waveform_view: { Args: { p_waveform: string }; Returns: Json };
      webhook_chat_key: { Args: { p_instance_id: string; p_payload: Json }; Returns: string };
      webhook_view: {
        Args: { p_webhook: Database['public']['Tables']['webhook_endpoints']['Row'] };
        Returns: Json;
      };
      webhook_waits: { Args: Record<PropertyKey, never>; Returns: Json };
      webhook_wants: {
        Args: {
          p_event: Database['public']['Tables']['events']['Row'];
          p_webhook: Database['public']['Tables']['webhook_endpoints']['Row'];
        };
        Returns: boolean;
      };
      were_sent_to: { Args: { p: Json }; Returns: Json };
      wipe_session: { Args: { p: Json }; Returns: Json };
      withdraw_invitation: { Args: { p: Json }; Returns: Json };
      withdraw_invitations_by: {
        Args: { p_ids: string[]; p_kind: string; p_organization_id: string };
        Returns: undefined;
      };
      withdraw_node_request: { Args: { p: Json }; Returns: Json };
      words_of_message: { Args: { p_content: string }; Returns: string };
      write_retention: { Args: { p: Json }; Returns: Json };
      write_settings: { Args: { p: Json }; Returns: Json };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      ingest_outcome: {
        inbox_id: number | null;
        instance_id: string | null;
        state: number | null;
        outcome: string | null;
        reason: string | null;
        error: string | null;
      };
      ingest_row: {
        position: number | null;
        id: number | null;
        organization_id: string | null;
        instance_id: string | null;
        message_id: string | null;
        chat: string | null;
        received_at: string | null;
        item: Json | null;
      };
      ingest_work: {
        position: number | null;
        inbox_id: number | null;
        action: string | null;
        reason: string | null;
        organization_id: string | null;
        instance_id: string | null;
        phone: string | null;
        lid: string | null;
        push_name: string | null;
        message_id: string | null;
        chat: string | null;
        content: string | null;
        content_type: string | null;
        sent_at: string | null;
        contact_id: string | null;
        booking_id: string | null;
        other_phone: string | null;
        chat_kind: string | null;
        from_me: boolean | null;
        received_at: string | null;
        detail: Json | null;
        person_id: string | null;
      };
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, 'public'>];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    keyof (DefaultSchema['Tables'] & DefaultSchema['Views']) | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    ? (DefaultSchema['Tables'] & DefaultSchema['Views'])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    keyof DefaultSchema['Tables'] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    keyof DefaultSchema['Tables'] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    keyof DefaultSchema['Enums'] | { schema: keyof DatabaseWithoutInternals },
  EnumName extends (DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums']
    : never) = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums'][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema['Enums']
    ? DefaultSchema['Enums'][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    keyof DefaultSchema['CompositeTypes'] | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes']
    : never) = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes'][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema['CompositeTypes']
    ? DefaultSchema['CompositeTypes'][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {},
  },
} as const;
