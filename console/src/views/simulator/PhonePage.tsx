import { EllipsisVertical, Link2, Unlink, Users } from 'lucide-react';
import { useState } from 'react';
import { readableNumber } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { simulatedNetwork, type SimulatedPhone } from '../../simulator/simulated-network.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { Page } from '../../ui/Page.tsx';
import { Select } from '../../ui/Select.tsx';
import { Badge, Empty, Failed, Loading } from '../../ui/States.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { Chat } from './Chat.tsx';
import { LinkPhone } from './LinkPhone.tsx';
import { MakeGroup } from './MakeGroup.tsx';
import { messages } from './messages.ts';
import { type SimulatedGroup, useChats, useGroups, usePhoneAction, usePhones } from './phones.ts';
import styles from './Simulator.module.css';

/** One phone: what is linked to it, and one of its chats, at first the one that the address names. */
export function PhonePage({ number, chat: named }: { number: string; chat: string | undefined }) {
  const t = useMessages(messages);
  const [chat, setChat] = useState(named);
  const phones = usePhones();
  const phone = phones.data?.find((each) => each.number === number);
  return (
    <Page
      title={phone?.name ?? t('title')}
      lead={readableNumber(number)}
      back={{ to: '/simulator', label: t('back') }}
      actions={phone !== undefined && <PhoneActions phone={phone} onGroup={setChat} />}
    >
      {phones.isError && phones.data === undefined ? (
        <Failed error={phones.error} onRetry={() => void phones.refetch()} />
      ) : phones.data === undefined ? (
        <Loading />
      ) : phone === undefined ? (
        <Empty title={t('notFound')} />
      ) : (
        <PhoneChats phone={phone} phones={phones.data} chat={chat} onChat={setChat} />
      )}
    </Page>
  );
}

interface PhoneActionsProps {
  phone: SimulatedPhone;
  /** A group was made. */
  onGroup: (id: string) => void;
}

function PhoneActions({ phone, onGroup }: PhoneActionsProps) {
  const t = useMessages(messages);
  const [doing, setDoing] = useState<'link' | 'group'>();
  const unlink = usePhoneAction(() => simulatedNetwork.post(`/phones/${phone.number}/unlink`));
  const isLinked = phone.devices.length > 0;
  return (
    <>
      {isLinked && <Badge kind="good">{t('linked')}</Badge>}
      <Button icon={<Link2 size={20} aria-hidden />} onClick={() => setDoing('link')}>
        {t('link')}
      </Button>
      <Menu
        trigger={
          <IconButton label={t('actions', { name: phone.name })}>
            <EllipsisVertical size={22} aria-hidden />
          </IconButton>
        }
      >
        <MenuItem icon={<Users size={20} aria-hidden />} onClick={() => setDoing('group')}>
          {t('makeGroup')}
        </MenuItem>
        {isLinked && (
          <MenuItem
            icon={<Unlink size={20} aria-hidden />}
            isDangerous
            onClick={() => unlink.mutate(undefined, { onSuccess: () => toast(t('unlinked')) })}
          >
            {t('unlink')}
          </MenuItem>
        )}
      </Menu>
      {doing === 'link' && <LinkPhone phone={phone} onClose={() => setDoing(undefined)} />}
      {doing === 'group' && <MakeGroup phone={phone} onMade={onGroup} onClose={() => setDoing(undefined)} />}
    </>
  );
}

interface PhoneChatsProps {
  phone: SimulatedPhone;
  phones: readonly SimulatedPhone[];
  chat: string | undefined;
  onChat: (chat: string) => void;
}

/** Whom the phone writes with: one that it wrote with before, or any other. */
function PhoneChats({ phone, phones, chat: chosen, onChat }: PhoneChatsProps) {
  const t = useMessages(messages);
  const chats = useChats(phone.number);
  const groups = useGroups();
  if (chats.data === undefined || groups.data === undefined) {
    return chats.isError ? <Failed error={chats.error} onRetry={() => void chats.refetch()} /> : <Loading />;
  }
  const others = destinations(phone, phones, groups.data);
  if (others.length === 0) {
    return <Empty title={t('nobody')}>{t('nobodyText')}</Empty>;
  }
  const last = chats.data.find((each) => others.some(([id]) => id === each.chat))?.chat;
  const chat = chosen ?? last ?? others[0]![0];
  return (
    <div className={styles.chats}>
      <Select label={t('chatWith')} value={chat} options={others} onChange={onChat} />
      <Chat key={chat} phone={phone} phones={phones} chat={chat} />
    </div>
  );
}

/** Phones with a linked device come first: those are the numbers of businesses. */
function destinations(
  phone: SimulatedPhone,
  phones: readonly SimulatedPhone[],
  groups: readonly SimulatedGroup[],
): (readonly [string, string])[] {
  const others = phones
    .filter(({ number }) => number !== phone.number)
    .toSorted((a, b) => b.devices.length - a.devices.length);
  return [
    ...others.map(({ number, name }) => [number, `${name} (${readableNumber(number)})`] as const),
    ...groups
      .filter(({ members }) => members.includes(phone.number))
      .map(({ id, subject }) => [id, subject] as const),
  ];
}
