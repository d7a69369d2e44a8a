/** `text` is the string in the code; `terminal` is a drawing of it with block characters. */
export const QR_FORMATS = ['png', 'svg', 'text', 'terminal', 'json'] as const;
export type QrFormat = (typeof QR_FORMATS)[number];

/** A QR code that WhatsApp gave to be scanned. */
export interface QrCode {
  qr: string;
  issuedAt: Date;
}

export interface RenderedQr {
  contentType: string;
  body: Buffer | string;
}

const WIDTH_PX = 320;

/** Read once somebody wants an image. */
const drawer = async () => (await import('qrcode')).default;

const RENDERERS: Record<QrFormat, (code: QrCode) => Promise<RenderedQr>> = {
  png: async ({ qr }) => ({
    contentType: 'image/png',
    body: await (await drawer()).toBuffer(qr, { width: WIDTH_PX }),
  }),
  svg: async ({ qr }) => ({
    contentType: 'image/svg+xml; charset=utf-8',
    body: await (await drawer()).toString(qr, { type: 'svg', width: WIDTH_PX }),
  }),
  text: async ({ qr }) => ({ contentType: 'text/plain; charset=utf-8', body: qr }),
  terminal: async ({ qr }) => ({
    contentType: 'text/plain; charset=utf-8',
    body: await (await drawer()).toString(qr, { type: 'utf8', errorCorrectionLevel: 'L' }),
  }),
  json: async ({ qr, issuedAt }) => ({
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify({ success: true, qr, issued_at: issuedAt.toISOString() }),
  }),
};

/**
 * @param code the code to show
 * @param format how
 * @returns the bytes to send and their type
 */
export function renderQr(code: QrCode, format: QrFormat): Promise<RenderedQr> {
  return RENDERERS[format](code);
}
