/** The share of the time for stopping in which clients are sent away; the rest is theirs, to say goodbye. */
const SHARE = 0.8;
/** For few clients it is shorter: so long for each, in milliseconds. */
const PER_CLIENT_MS = 10;

/**
 * Sends clients away one after the other in random order, so that they do not all come back elsewhere at once.
 * @param patienceMs how long stopping may take, in milliseconds.
 */
export async function sendAway<Client>(
  clients: Iterable<Client>,
  dismiss: (client: Client) => void | Promise<void>,
  patienceMs: number,
): Promise<void> {
  const leaving = [...clients];
  const span = Math.min(SHARE * patienceMs, PER_CLIENT_MS * leaving.length);
  await Promise.all(
    leaving.map(async (client) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * span));
      await dismiss(client);
    }),
  );
}
