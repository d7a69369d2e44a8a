import { KeyedSemaphore } from '../../common/keyed-semaphore.js';

/**
 * One at a time for each Signal address, for the whole process. libsignal's own queue is process-wide, too, but lets a
 * job that finds it busy run in the async context of the job that started it, hence outside its transaction when that is
 * another session. Behind this lock nobody ever finds that queue busy.
 *
 * Library: `node_modules/libsignal/src/queue_job.js`, which `session_cipher.js` and `session_builder.js` call with the address as text.
 */
export const signalAddressLock = new KeyedSemaphore();
