/**
 * How much waits in a socket, or in the body of an event stream, before a replay waits for its client, in bytes. Node 20 has this
 * default, later ones 64 KB: as much as the smallest `MAX_OUTBOX_BYTES`, so that a client which only reads slowly was ended.
 */
export const WRITE_BUFFER_BYTES = 16_384;
