import { Ban } from 'lucide-react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { messages } from '../messages.ts';
import { ContactCards } from './ContactCards.tsx';
import styles from './Content.module.css';
import { Details } from './Details.tsx';
import { DocumentFile } from './DocumentFile.tsx';
import { Location } from './Location.tsx';
import { Picture } from './Picture.tsx';
import { Poll } from './Poll.tsx';
import type { Shown } from './shown.ts';
import { Sound } from './Sound.tsx';
import { Video } from './Video.tsx';
import { WithFile } from './WithFile.tsx';
import { Words } from './Words.tsx';
import { wordsOf } from './use-summary.ts';

/** What somebody wrote: words, a file, a place, a card … */
export function Content({ shown }: { shown: Shown }) {
  const t = useMessages(messages);
  if (shown.deleted_at !== null) {
    return (
      <p className={styles.gone}>
        <Ban size={16} aria-hidden />
        {t('deleted')}
      </p>
    );
  }
  const words = wordsOf(shown);
  const caption = words !== '' && words !== shown.media?.file_name && <Words>{words}</Words>;
  switch (shown.type) {
    case 'image':
    case 'sticker':
      return (
        <>
          <WithFile shown={shown}>{(path) => <Picture shown={shown} path={path} />}</WithFile>
          {caption}
        </>
      );
    case 'video':
    case 'video_note':
    case 'gif':
      return (
        <>
          <WithFile shown={shown}>{() => <Video shown={shown} />}</WithFile>
          {caption}
        </>
      );
    case 'voice':
    case 'audio':
      return (
        <WithFile shown={shown}>
          {(path) => <Sound path={path} waveform={shown.media?.waveform} seconds={shown.media?.seconds} />}
        </WithFile>
      );
    case 'document':
      return (
        <>
          <WithFile shown={shown}>{(path) => <DocumentFile shown={shown} path={path} />}</WithFile>
          {caption}
        </>
      );
    case 'location':
    case 'live_location':
      return <Location shown={shown} />;
    case 'contact':
      return <ContactCards shown={shown} />;
    case 'poll':
      return <Poll shown={shown} />;
    case 'text':
      return <Words>{shown.content}</Words>;
    default:
      return <Details shown={shown} />;
  }
}
