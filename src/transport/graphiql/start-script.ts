/** Where the page keeps its settings, as JSON: the script is the same for everybody, and may be kept by a browser. */
export const SETTINGS_ID = 'graphiql-settings';

/** What the page passes to the script. */
export interface PageSettings {
  /** GraphiQL's own. */
  readonly options: object;
  /** Where the workers of the editor are, by their labels. */
  readonly workers: Readonly<Record<string, string>>;
  /** Whether the tabs that the browser remembers, and the query in the page's address, are forgotten. */
  readonly startsAfresh: boolean;
}

/**
 * Starts GraphiQL. The script comes before GraphiQL's own, so that what is to be forgotten is gone when that looks. GraphiQL
 * keeps its tabs in the browser's storage, and the query in the page's address. (The theme that somebody has chosen stays.)
 */
export const START_SCRIPT = `'use strict';
{
  const settings = JSON.parse(document.getElementById('${SETTINGS_ID}').textContent);
  if (settings.startsAfresh) {
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith('graphiql:') && key !== 'graphiql:theme') localStorage.removeItem(key);
      }
    } catch {} // storage is switched off: nothing is kept
    const address = new URL(location.href);
    address.searchParams.delete('query');
    history.replaceState({}, '', address);
  }
  self.MonacoEnvironment = {
    globalAPI: false,
    getWorkerUrl: (_module, label) => new URL(settings.workers[label], document.baseURI).href,
  };
  document.addEventListener('DOMContentLoaded', () => {
    YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), settings.options);
  });
}
`;
