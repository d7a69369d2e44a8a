import type pg from 'pg';

/** Of each ten thousand contacts: a few tenants have most of them. */
const BIG_TENANTS = ['org_big_1', 'org_big_2', 'org_middle'];

/** What the rows of a run look like. */
export interface SeedCounts {
  messages: number;
  contacts: number;
}

/** Words of clients, from what many write to what hardly anybody does: the n-th of them comes with the inverse of its place. */
const WORDS =
  `oi bom dia obrigado tudo bem quero horário para amanhã você pode não sim por favor agendar qual valor hoje tarde
  manhã semana sábado obrigada confirmado pedido entrega endereço pagamento cartão pix boleto recibo desculpe atraso cancelar
  remarcar consulta corte cabelo unha sobrancelha barba massagem avaliação orçamento desconto promoção loja produto tamanho
  camiseta sapato devolução garantia técnico instalação manutenção contrato proposta reunião apresentação relatório planilha
  aniversário decoração casamento fotografia aluguel imóvel apartamento escritura cartório advogado audiência
  привет спасибо 你好 谢谢 预约 مرحبا شكرا 👍 ❤️ 🎉`.split(/\s+/u);

/**
 * Fills an empty database of the service: messages of three big tenants and many small ones, with what belongs to them in proportion.
 * @param say told how far it is
 */
export async function seedLists(
  database: pg.Client,
  counts: SeedCounts,
  say: (text: string) => void,
): Promise<void> {
  const run = (text: string, values: unknown[] = []) => database.query(text, values);
  const { messages, contacts } = counts;
  say('organizations, instances and contacts');
  await run(
    `insert into organizations (id)
      select * from unnest($1::text[]) union all select 'org_small_' || n from generate_series(1, 17) n`,
    [BIG_TENANTS],
  );
  await run(
    `insert into whatsapp_instances (organization_id, instance_name)
      select o.id, 'Number ' || n from organizations o, generate_series(1, 3) n`,
  );
  await run(
    `create temp table seed_contact as
      select n, gen_random_uuid() as id, case when n % 10 < 3 then 'org_big_1' when n % 10 < 6 then 'org_big_2'
        when n % 10 = 6 then 'org_middle' else 'org_small_' || 1 + n / 10 % 17 end as organization_id
      from generate_series(1, $1::int) n`,
    [contacts],
  );
  await run(
    `insert into contacts (id, organization_id, phone_number, name, created_at, last_message_at)
      select id, organization_id, (5511900000000 + n)::text,
        (array['Ana', 'João', 'Márcia', 'José', 'Luísa', 'Антон', '王伟', 'Zoë'])[1 + n % 8] || ' ' ||
        (array['Silva', 'Souza', 'Gonçalves', 'Araújo', 'Ferreira'])[1 + n % 5] || ' ' || n,
        now() - make_interval(mins => n), now()
      from seed_contact`,
  );
  await run(
    `create temp table seed_place as
      select c.n, c.id as contact_id, c.organization_id,
        (array(select i.id from whatsapp_instances i where i.organization_id = c.organization_id order by i.id))[1 + c.n % 3]
          as instance_id
      from seed_contact c`,
  );
  await run(
    `insert into groups (organization_id, instance_id, jid, subject, created_at)
      select organization_id, instance_id, n || '@g.us', 'Group ' || n, now() - make_interval(mins => n)
      from seed_place where n % 10 = 0`,
  );
  await run('create unique index on seed_place (n)');
  await run('analyze seed_place');
  const step = 100_000;
  for (let from = 0; from < messages; from += step) {
    say(`messages from ${from} on`);
    await run(
      `insert into messages (organization_id, contact_id, instance_id, direction, content, whatsapp_message_id, chat_jid,
          chat_key, status, sent_at, created_at, group_id, sender_phone)
        select s.organization_id, case when not g.is_group then s.contact_id end, s.instance_id, d.direction,
          (select string_agg(($4::text[])[1 + floor(power(random(), 3) * $5::int)], ' ') || case m % 100 when 0 then ' nº ' || m else '' end
            from generate_series(1, 2 + m % 9) where m is not null),
          'ID' || m, s.n || '@s.whatsapp.net', s.contact_id::text, case d.direction when 'inbound' then 'received' else 'read' end,
          t.at, t.at, case when g.is_group then (select id from groups where jid = s.n - s.n % 10 || '@g.us') end,
          case when g.is_group then '5511999990000' end
        from generate_series($1::int + 1, least($2::int, $1::int + $3::int)) m
        join seed_place s on s.n = 1 + m * 7919::bigint % $6::int
        cross join lateral (select case when m % 3 = 0 then 'outbound' else 'inbound' end as direction) d
        cross join lateral (select now() - make_interval(secs => ($2::int - m) * 30) as at) t
        cross join lateral (select s.n % 10 = 0 and m % 4 = 1 as is_group) g
        order by m`,
      [from, messages, step, WORDS, WORDS.length, contacts],
    );
  }
  say('bookings, notes and events');
  await run(
    `insert into bookings (organization_id, contact_id, instance_id, status, created_at, starts_at, ends_at, title)
      select s.organization_id, s.contact_id, s.instance_id, (array['pending', 'confirmed', 'cancelled', 'completed'])[1 + b % 4],
        now() - make_interval(mins => b), now() + make_interval(mins => b - $1::int / 2), now() + make_interval(mins => 30 + b - $1::int / 2),
        'Appointment ' || b
      from generate_series(1, $1::int) b join seed_place s on s.n = 1 + b * 7919::bigint % $2::int`,
    [Math.ceil(messages / 20), contacts],
  );
  await run(
    `insert into notes (organization_id, contact_id, instance_id, content, whatsapp_message_id, chat_key)
      select s.organization_id, s.contact_id, s.instance_id, 'Called back, number ' || b, 'NOTE' || b, s.contact_id::text
      from generate_series(1, $1::int) b join seed_place s on s.n = 1 + b * 7919::bigint % $2::int`,
    [Math.ceil(messages / 20), contacts],
  );
  await run(
    `insert into events (organization_id, sequence, name, payload, instance_id)
      select s.organization_id, row_number() over (partition by s.organization_id order by e), 'whatsapp:message',
        jsonb_build_object('messageId', 'ID' || e, 'text', 'oi, bom dia'), s.instance_id
      from generate_series(1, $1::int) e join seed_place s on s.n = 1 + e * 7919::bigint % $2::int`,
    [Math.ceil(messages / 5), contacts],
  );
  await run(
    `update organizations o set event_seq = coalesce((select max(e.sequence) from events e where e.organization_id = o.id), 0)`,
  );
  say('what searches look up');
  for (let isMore = true; isMore;) {
    const { rows } = await run(`select take_up_messages('{"limit": 10000}') as answer`);
    const { answer } = rows[0] as { answer: { more: boolean; taken: number } };
    const { rows: waits } = await run('select search_waits() as answer');
    isMore = answer.more || (waits[0] as { answer: { waiting: boolean } }).answer.waiting;
  }
  say('vacuum and analyze');
  await run('vacuum (analyze)');
}
