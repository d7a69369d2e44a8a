import { MapPin } from 'lucide-react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { messages } from '../messages.ts';
import type { Shown } from './shown.ts';
import styles from './Content.module.css';
import { metadataOf, numberOf, textOf } from './metadata.ts';

/** A place: what it is called and where it is. No map is read from elsewhere; a link leads to one. */
export function Location({ shown }: { shown: Shown }) {
  const t = useMessages(messages);
  const place = metadataOf(shown);
  const [latitude, longitude] = [numberOf(place['latitude']), numberOf(place['longitude'])];
  const isKnown = latitude !== undefined && longitude !== undefined;
  return (
    <div className={styles.card}>
      <MapPin size={26} aria-hidden />
      <div className={styles.cardText}>
        <b>{textOf(place['name']) ?? t(`kind-${shown.type}`)}</b>
        {textOf(place['address']) !== undefined && <span>{textOf(place['address'])}</span>}
        {textOf(place['caption']) !== undefined && <span>{textOf(place['caption'])}</span>}
        {isKnown && (
          <a
            href={`https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`}
            target="_blank"
            rel="noopener noreferrer"
          >
            {t('showMap')}
          </a>
        )}
      </div>
    </div>
  );
}
