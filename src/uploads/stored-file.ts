/** A file of an organization that can be sent. */
export interface StoredFile {
  id: string;
  organizationId: string;
  /** Hex. */
  sha256: string;
  size: number;
  mimeType: string;
  width: number | undefined;
  height: number | undefined;
  seconds: number | undefined;
  hasThumbnail: boolean;
  backend: string;
  /** Until when it may be sent. */
  expiresAt: string;
}
