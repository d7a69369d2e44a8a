/** What kind of file a message brings. */
export type MediaKind = 'image' | 'video' | 'video_note' | 'gif' | 'voice' | 'audio' | 'document' | 'sticker';

/** Where the file of a message is and what opens it. All of it is what its sender says: nothing here is checked. */
export interface MediaReference {
  kind: MediaKind;
  mimeType?: string | undefined;
  fileName?: string | undefined;
  /** Bytes of the file in clear. */
  size?: number | undefined;
  seconds?: number | undefined;
  width?: number | undefined;
  height?: number | undefined;
  /** Of the file in clear. */
  sha256?: Uint8Array | undefined;
  /** Of the file as it is stored at WhatsApp. */
  encSha256?: Uint8Array | undefined;
  directPath?: string | undefined;
  url?: string | undefined;
  /** A secret: sealed before it leaves the process's memory. */
  mediaKey: Uint8Array;
  /** Of a voice note: 64 loudnesses of 0 to 100. */
  waveform?: Uint8Array | undefined;
  isAnimated?: boolean | undefined;
  /** A JPEG of at most 64 kB. */
  thumbnail?: Uint8Array | undefined;
}
