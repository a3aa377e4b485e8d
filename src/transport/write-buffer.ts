/**
 * How much may wait in a socket, or in the body of an event stream, before a replay waits for its client, in bytes. This is the default
 * of Node 20. The default of Node 22 is 64 KB, which is also the smallest `MAX_OUTBOX_BYTES`: with it, a client that only reads slowly
 * would be ended.
 */
export const WRITE_BUFFER_BYTES = 16_384;
