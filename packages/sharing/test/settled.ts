/** Lets all that is under way in this process happen: promises settle, and turns of the event loop end. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
