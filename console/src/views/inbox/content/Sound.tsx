import { Pause, Play } from 'lucide-react';
import { type ChangeEvent, useEffect, useRef, useState } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { IconButton } from '../../../ui/Button.tsx';
import { useErrorText } from '../../../ui/error-text.ts';
import { useMediaFile } from '../data/media-files.ts';
import { messages } from '../messages.ts';
import styles from './Sound.module.css';
import { minutes } from './minutes.ts';

const BARS = 48;
const SPEEDS = [1, 1.5, 2];
/** One at a time is heard. */
let playing: HTMLAudioElement | undefined;

interface SoundProps {
  path: string;
  /** Loudnesses of 0 to 100. */
  waveform: readonly number[] | null | undefined;
  seconds: number | null | undefined;
}

/** A voice note or music, with its loudness; it is read when somebody wants to hear it. */
export function Sound({ path, waveform, seconds }: SoundProps) {
  const t = useMessages(messages);
  const errorText = useErrorText();
  const [isWanted, setWanted] = useState(false);
  const [isPlaying, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(seconds ?? 0);
  const [speed, setSpeed] = useState(1);
  const audio = useRef<HTMLAudioElement>(null);
  const { url, error } = useMediaFile(isWanted ? path : undefined);
  useEffect(() => {
    if (url !== undefined) {
      void audio.current?.play().catch(() => setPlaying(false));
    }
  }, [url]);
  const toggle = () => {
    setWanted(true);
    if (isPlaying) {
      audio.current?.pause();
    } else if (url !== undefined) {
      void audio.current?.play().catch(() => setPlaying(false));
    }
  };
  const seek = (event: ChangeEvent<HTMLInputElement>) => {
    const next = Number(event.target.value);
    setAt(next);
    if (audio.current !== null) {
      audio.current.currentTime = next;
    }
  };
  const faster = () => {
    const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length]!;
    setSpeed(next);
    if (audio.current !== null) {
      audio.current.playbackRate = next;
    }
  };
  if (error !== undefined) {
    return <p>{errorText(error)}</p>;
  }
  return (
    <div className={styles.sound}>
      <IconButton label={isPlaying ? t('pause') : t('play')} onClick={toggle}>
        {isPlaying ? <Pause size={22} aria-hidden /> : <Play size={22} aria-hidden />}
      </IconButton>
      <div className={styles.wave}>
        <Waveform loudness={waveform ?? []} part={length > 0 ? at / length : 0} />
        <input
          type="range"
          min={0}
          max={Math.max(length, 0.1)}
          step={0.1}
          value={Math.min(at, length)}
          onChange={seek}
          aria-label={t('position')}
          aria-valuetext={minutes(at)}
        />
      </div>
      <span className={styles.time}>{minutes(isPlaying || at > 0 ? at : length)}</span>
      <button type="button" className={styles.speed} onClick={faster} aria-label={t('speed', { speed })}>
        {speed}×
      </button>
      {/* What people say to each other has no captions. */}
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
      <audio
        ref={audio}
        src={url}
        preload="metadata"
        onPlay={(event) => {
          playing?.pause();
          playing = event.currentTarget;
          event.currentTarget.playbackRate = speed;
          setPlaying(true);
        }}
        onPause={(event) => {
          playing = playing === event.currentTarget ? undefined : playing;
          setPlaying(false);
        }}
        onEnded={() => setAt(0)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onDurationChange={({ currentTarget: { duration } }) =>
          Number.isFinite(duration) && setLength(duration)
        }
      />
    </div>
  );
}

function Waveform({ loudness, part }: { loudness: readonly number[]; part: number }) {
  const bars = Array.from({ length: BARS }, (_, index) => ({
    index,
    height: Math.max(loudness[Math.floor((index * loudness.length) / BARS)] ?? 0, 6),
  }));
  return (
    <svg viewBox={`0 0 ${BARS * 4} 100`} preserveAspectRatio="none" aria-hidden>
      {bars.map(({ index, height }) => (
        <rect
          key={index}
          x={index * 4}
          y={50 - height / 2}
          width={2.4}
          height={height}
          className={index / BARS < part ? styles.heard : styles.bar}
        />
      ))}
    </svg>
  );
}
