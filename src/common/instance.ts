/** Where an instance stands with WhatsApp. */
export type InstanceStatus = 'connected' | 'disconnected' | 'connecting' | 'qr_pending';

/** How a number is linked. */
export type PairingMethod = 'code' | 'qr';
