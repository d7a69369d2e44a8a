-- Files that callers bring to be sent: they are files as any others, kept for a while before anything refers to them.

-- Keeps a stored file for `keep_seconds` at least, and notes what is known of it now; null where it is not there.
create or replace function public.hold_media_file(p jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_known constant public.idempotency_keys := public.begin_once(p ->> 'organization_id', p -> 'once');
  v_file record;
begin
  update public.media_files f
    set expires_at = greatest(f.expires_at, now() + make_interval(secs => (p ->> 'keep_seconds')::double precision)),
      seconds = coalesce(f.seconds, (p ->> 'seconds')::double precision)
    where f.id = (p ->> 'id')::uuid and f.organization_id = p ->> 'organization_id' and f.state = 'stored'
    returning f.* into v_file;
  if not found then
    return null;
  end if;
  if v_known.object_id is null then
    perform public.end_once(p ->> 'organization_id', p -> 'once', v_file.id::text);
  end if;
  return jsonb_build_object('is_replay', v_known.object_id is not null,
    'id', v_file.id, 'organization_id', v_file.organization_id,
    'sha256', encode(v_file.sha256, 'hex'), 'size', v_file.size, 'mime_type', v_file.mime_type, 'width', v_file.width,
    'height', v_file.height, 'seconds', v_file.seconds, 'has_thumbnail', v_file.has_thumbnail, 'backend', v_file.backend,
    'expires_at', v_file.expires_at);
end
$$;
revoke execute on function public.hold_media_file(jsonb) from public, anon, authenticated;
grant execute on function public.hold_media_file(jsonb) to service_role;
