import type { Demo } from '../../demo/server/src/start-demo.ts';
import { visit } from '../support/demo.ts';
import type { Colleagues } from './scene.ts';

const ANNOUNCE = `subscription ($id: ID!, $doing: PresenceDoing!, $action: String) {
  announcePresence(kind: "request", id: $id, doing: $doing, action: $action)
}`;

interface Announcements {
  readonly announce: Colleagues['announce'];
  /** Nobody is there any more. */
  end(): void;
}

/** People who are at a request, without a page of their own. */
export function announcements(demo: Demo): Announcements {
  let ending = new AbortController();
  return {
    async announce(who, id, action) {
      const { access } = await visit(demo, who);
      const { body } = await fetch(`${demo.app.url}/graphql`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${access}`,
          accept: 'text/event-stream',
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          query: ANNOUNCE,
          variables: { id, doing: action === undefined ? 'LOOKING' : 'ACTING', action },
        }),
        signal: ending.signal,
      });
      body?.pipeTo(new WritableStream()).catch(() => undefined); // until the signal ends it
    },
    end() {
      ending.abort();
      ending = new AbortController();
    },
  };
}
