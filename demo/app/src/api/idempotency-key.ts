import { useState } from 'react';

/** Names one thing that is to be created: the DMS creates it once, however often it is sent. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // `randomUUID` is there by HTTPS only
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The key of what a dialog creates: the same for as long as it is open. */
export function useKey(): string {
  return useState(newKey)[0];
}
