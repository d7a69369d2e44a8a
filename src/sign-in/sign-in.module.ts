import { Module } from '@nestjs/common';
import { LimitsModule } from '../limits/limits.module.js';
import { SignInController } from './sign-in.controller.js';
import { SupabaseAuth } from './supabase-auth.js';

/** Signing in as a user of Supabase. */
@Module({ imports: [LimitsModule], controllers: [SignInController], providers: [SupabaseAuth] })
export class SignInModule {}
