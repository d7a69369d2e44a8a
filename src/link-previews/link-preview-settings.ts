/** Bounds of making previews of links. The class is its own injection token; tests shorten what they wait for. */
export class LinkPreviewSettings {
  /** How long a message waits for its preview, in ms: page and picture together. */
  timeoutMs = 3_000;
  /** So much of a page is read, in bytes: what it says of itself stands at its beginning. */
  maxPageBytes = 512 * 1024;
  maxPictureBytes = 4 * 1024 ** 2;
  /** Of the longest side of the picture, in pixels. */
  pictureSize = 192;
  /** Previews that are made at the same time; organizations take turns. */
  atOnce = 16;
  /** How many of them may be one organization's, whose links may all lead to what is slow. */
  atOnceOfOne = 4;
  /** What a page said is believed for so long, in ms; texts to many people name the same link. */
  keepMs = 5 * 60_000;
  /** Of all that is kept. */
  keptBytes = 4 * 1024 ** 2;
}
