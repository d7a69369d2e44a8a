import { Dialog } from '@base-ui/react/dialog';
import { Download, X, ZoomIn, ZoomOut } from 'lucide-react';
import { type PointerEvent, useRef, useState, type WheelEvent } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { IconButton } from '../../../ui/Button.tsx';
import { useErrorText } from '../../../ui/error-text.ts';
import { toast } from '../../../ui/Toasts.tsx';
import { saveFile } from '../data/media-files.ts';
import { messages } from '../messages.ts';
import styles from './Lightbox.module.css';

const MAX_ZOOM = 8;
const STEP = 1.5;

interface LightboxProps {
  url: string;
  label: string;
  path: string;
  fileName: string | undefined;
  onClose: () => void;
}

/** A picture over the whole page: by wheel, buttons, `+` and `-` it grows, and is moved by mouse, finger or arrows. */
export function Lightbox({ url, label, path, fileName, onClose }: LightboxProps) {
  const t = useMessages(messages);
  const errorText = useErrorText();
  const [{ zoom, x, y }, setView] = useState({ zoom: 1, x: 0, y: 0 });
  const drag = useRef<{ x: number; y: number }>(undefined);
  const zoomBy = (factor: number) =>
    setView((view) => {
      const next = Math.min(Math.max(view.zoom * factor, 1), MAX_ZOOM);
      return next === 1
        ? { zoom: 1, x: 0, y: 0 }
        : { zoom: next, x: (view.x * next) / view.zoom, y: (view.y * next) / view.zoom };
    });
  const moveBy = (dx: number, dy: number) =>
    setView((view) => (view.zoom === 1 ? view : { ...view, x: view.x + dx, y: view.y + dy }));
  const keys: Record<string, () => void> = {
    '+': () => zoomBy(STEP),
    '=': () => zoomBy(STEP),
    '-': () => zoomBy(1 / STEP),
    ArrowLeft: () => moveBy(60, 0),
    ArrowRight: () => moveBy(-60, 0),
    ArrowUp: () => moveBy(0, 60),
    ArrowDown: () => moveBy(0, -60),
  };
  const onMove = (event: PointerEvent) => {
    if (drag.current !== undefined) {
      moveBy(event.clientX - drag.current.x, event.clientY - drag.current.y);
      drag.current = { x: event.clientX, y: event.clientY };
    }
  };
  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Popup
          className={styles.window}
          onKeyDown={(event) => {
            if (event.key in keys) {
              event.preventDefault();
              keys[event.key]!();
            }
          }}
        >
          <Dialog.Title className="visually-hidden">{label}</Dialog.Title>
          <div className={styles.tools}>
            <IconButton label={t('zoomIn')} onClick={() => zoomBy(STEP)}>
              <ZoomIn size={22} aria-hidden />
            </IconButton>
            <IconButton label={t('zoomOut')} onClick={() => zoomBy(1 / STEP)}>
              <ZoomOut size={22} aria-hidden />
            </IconButton>
            <IconButton
              label={t('save')}
              onClick={() =>
                void saveFile(path, fileName ?? 'picture').catch((error: unknown) =>
                  toast(errorText(error), 'bad'),
                )
              }
            >
              <Download size={22} aria-hidden />
            </IconButton>
            <Dialog.Close
              render={
                <IconButton label={t('closePicture')}>
                  <X size={22} aria-hidden />
                </IconButton>
              }
            />
          </div>
          <div
            className={styles.stage}
            onWheel={(event: WheelEvent) => zoomBy(event.deltaY < 0 ? 1.2 : 1 / 1.2)}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              drag.current = { x: event.clientX, y: event.clientY };
            }}
            onPointerMove={onMove}
            onPointerUp={() => (drag.current = undefined)}
            onDoubleClick={() => zoomBy(zoom === 1 ? 2 : 1 / MAX_ZOOM)}
          >
            <img
              src={url}
              alt={label}
              draggable={false}
              style={{ transform: `translate(${x}px, ${y}px) scale(${zoom})` }}
            />
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
