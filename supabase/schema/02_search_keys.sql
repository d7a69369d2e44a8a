-- How texts are compared by searches: the same in every database, whatever its collation and extensions, so that an index of it stays
-- true across upgrades and dumps.

-- A text without case and accents, and with each kind of white space as a space. What is left out of texts that are not plain ASCII:
-- accents of Latin, Greek and Cyrillic, vowel signs of Hebrew and Arabic, and what shows nothing by itself.
create or replace function public.search_text(p_text text) returns text
  language plpgsql immutable strict parallel safe cost 100
  set search_path = ''
as $$
declare
  v_text text;
begin
  if octet_length(p_text) = char_length(p_text) then
    return translate(lower(p_text collate "C"), e'\t\n\v\f\r', '     ');
  end if;
  v_text := lower(regexp_replace(normalize(p_text, nfkd),
    '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufe0e\ufe0f]',
    '', 'g') collate "C");
  if octet_length(v_text) = char_length(v_text) then
    return translate(v_text, e'\t\n\v\f\r', '     ');
  end if;
  -- Small letters for the capitals that "C" does not know; a capital with an accent is none any more.
  return replace(replace(replace(replace(replace(translate(normalize(v_text, nfc),
    e'\t\n\v\f\rØøĐđÐðŁłĦħıΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣςΤΥΦΧΨΩЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯҐҒҖҚҢҮҰҲҶҺӀӘӨԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ',
    '     ooddddllhhiαβγδεζηθικλμνξοπρσστυφχψωђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяґғҗқңүұҳҷһӏәөաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ'),
    'ß', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe');
end
$$;

-- What of a text of `search_text` is in an index: three characters in a row of one word, and one or two where at least one is not ASCII, for
-- a Chinese word has two and an emoji one. Hashed with the organization, so that what many write in one costs the searches of
-- another one nothing. A text has all keys of every part of it.
create or replace function public.search_keys(p_organization_id text, p_text text) returns bigint[]
  language plpgsql immutable strict parallel safe cost 10000
  set search_path = ''
as $$
declare
  v_seed constant bigint := hashtextextended(p_organization_id collate "C", 0);
  v_length constant int := char_length(p_text);
begin
  -- In slices: to find the n-th character the database counts from the first one.
  if octet_length(p_text) = v_length then
    return array(
      select hashtextextended(g.key collate "C", v_seed)
      from (
        select substr(s.slice, i, 3) as key
        from (select substr(p_text, n * 200 + 1, 202) as slice from generate_series(0, (v_length - 1) / 200) n offset 0) s,
          generate_series(1, char_length(s.slice) - 2) i
        offset 0
      ) g
      where strpos(g.key, ' ') = 0
    );
  end if;
  return array(
    select hashtextextended(g.key collate "C", v_seed)
    from (
      select substr(s.slice, i, l) as key, l
      from (select substr(p_text, n * 200 + 1, 202) as slice from generate_series(0, (v_length - 1) / 200) n offset 0) s,
        generate_series(1, least(char_length(s.slice), 200)) i, generate_series(1, 3) l
      offset 0
    ) g
    where strpos(g.key, ' ') = 0 and char_length(g.key) = g.l and (g.l = 3 or octet_length(g.key) > g.l)
  );
end
$$;

-- The words of what somebody looks for; all of them have to be in a text.
create or replace function public.search_words(p_search text) returns text[]
  language plpgsql immutable strict parallel safe
  set search_path = ''
as $$
begin
  return array(
    select distinct w.word from unnest(string_to_array(public.search_text(p_search), ' ')) w (word) where w.word <> ''
  );
end
$$;

-- Patterns for `like` that find the words, whatever characters these have.
create or replace function public.search_patterns(p_words text[]) returns text[]
  language plpgsql immutable strict parallel safe
  set search_path = ''
as $$
begin
  return array(select '%' || regexp_replace(w.word, '([\\%_])', '\\\1', 'g') || '%' from unnest(p_words) w (word));
end
$$;

-- The keys of the words; none where none is long enough to have one.
create or replace function public.search_keys_of(p_organization_id text, p_words text[]) returns bigint[]
  language plpgsql immutable strict parallel safe
  set search_path = ''
as $$
begin
  return array(
    select distinct k.key from unnest(p_words) w (word), unnest(public.search_keys(p_organization_id, w.word)) k (key)
  );
end
$$;

-- As search_keys, and one and two characters of any script: names are short, and people look for their beginnings.
create or replace function public.name_keys(p_organization_id text, p_text text) returns bigint[]
  language plpgsql immutable strict parallel safe cost 10000
  set search_path = ''
as $$
declare
  v_seed constant bigint := hashtextextended(p_organization_id collate "C", 0);
begin
  return public.search_keys(p_organization_id, p_text) || array(
    select distinct hashtextextended(g.key collate "C", v_seed)
    from (
      select substr(s.slice, i, l) as key, l
      from (select substr(p_text, n * 200 + 1, 201) as slice from generate_series(0, (char_length(p_text) - 1) / 200) n offset 0) s,
        generate_series(1, least(char_length(s.slice), 200)) i, generate_series(1, 2) l
      offset 0
    ) g
    where strpos(g.key, ' ') = 0 and octet_length(g.key) = g.l
  );
end
$$;

-- As search_keys_of, for name_keys: each word has some.
create or replace function public.name_keys_of(p_organization_id text, p_words text[]) returns bigint[]
  language plpgsql immutable strict parallel safe
  set search_path = ''
as $$
begin
  return array(
    select distinct k.key
    from unnest(p_words) w (word),
      unnest(case when char_length(w.word) < 3
        then array[hashtextextended(w.word collate "C", hashtextextended(p_organization_id collate "C", 0))]
        else public.search_keys(p_organization_id, w.word) end) k (key)
  );
end
$$;

revoke execute on function
  public.search_text(text), public.search_keys(text, text), public.search_words(text), public.search_patterns(text[]),
  public.search_keys_of(text, text[]), public.name_keys(text, text), public.name_keys_of(text, text[])
  from public, anon, authenticated;
grant execute on function
  public.search_text(text), public.search_keys(text, text), public.search_words(text), public.search_patterns(text[]),
  public.search_keys_of(text, text[]), public.name_keys(text, text), public.name_keys_of(text, text[])
  to service_role;
