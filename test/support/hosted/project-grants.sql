-- What projects that were made before 30 May 2026 give away by themselves; newer ones grant nothing.
-- https://github.com/orgs/supabase/discussions/45329 ("tables are no longer exposed to the Data API by default").
alter default privileges for role ":owner" in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role ":owner" in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges for role ":owner" in schema public grant all on sequences to anon, authenticated, service_role;
