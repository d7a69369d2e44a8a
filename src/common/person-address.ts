/** A person's two addresses on WhatsApp; either may be unknown, never both. Digits only, without device or server. */
export interface PersonAddress {
  /** Phone number with country code. */
  phone?: string | undefined;
  /** Privacy id (LID); not a phone number. */
  lid?: string | undefined;
}
