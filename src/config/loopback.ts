/** Addresses that only this machine can reach. */
export const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;
