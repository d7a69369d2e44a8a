alter table public.api_keys add column if not exists created_by jsonb check (created_by ?& '{kind,id,name}');
-- One reason, one name.
update public.whatsapp_instances set last_disconnect_reason = 'whatsapp_unavailable' where last_disconnect_reason = 'no_answer';


-- What follows is written by `npm run schema` from supabase/schema: do not edit.
