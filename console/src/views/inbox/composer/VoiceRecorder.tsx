import { SendHorizontal, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { IconButton } from '../../../ui/Button.tsx';
import { Notice } from '../../../ui/States.tsx';
import { minutes } from '../content/minutes.ts';
import { messages } from '../messages.ts';
import styles from './Composer.module.css';
import { startRecording, type VoiceRecording } from './voice-recording.ts';

interface VoiceRecorderProps {
  onCancel: () => void;
  /** @param file Ogg with Opus, as phones take it */
  onDone: (file: Blob) => void;
}

/** Records a voice note: begins at once, and is sent or thrown away. */
export function VoiceRecorder({ onCancel, onDone }: VoiceRecorderProps) {
  const t = useMessages(messages);
  const [seconds, setSeconds] = useState(0);
  const [state, setState] = useState<'starting' | 'recording' | 'ending' | 'denied'>('starting');
  const recording = useRef<VoiceRecording>(undefined);
  useEffect(() => {
    let isWanted = true;
    const beganAt = Date.now();
    startRecording().then(
      (started) => {
        if (!isWanted) {
          started.cancel();
          return;
        }
        recording.current = started;
        setState('recording');
      },
      () => isWanted && setState('denied'),
    );
    const timer = setInterval(() => setSeconds((Date.now() - beganAt) / 1_000), 250);
    return () => {
      isWanted = false;
      clearInterval(timer);
      recording.current?.cancel();
    };
  }, []);
  const finish = () => {
    setState('ending');
    recording.current?.finish().then(onDone, () => setState('denied'));
  };
  return (
    <div className={styles.recorder}>
      <IconButton label={t('throwAway')} onClick={onCancel}>
        <Trash2 size={22} aria-hidden />
      </IconButton>
      {state === 'denied' ? (
        <Notice kind="warn">{t('noMicrophone')}</Notice>
      ) : (
        <span className={styles.recording} role="timer" aria-label={t('recording')}>
          <span className={styles.dot} aria-hidden />
          {minutes(seconds)}
        </span>
      )}
      <IconButton
        label={t('sendVoice')}
        className={styles.send}
        disabled={state !== 'recording'}
        onClick={finish}
      >
        <SendHorizontal size={22} aria-hidden />
      </IconButton>
    </div>
  );
}
