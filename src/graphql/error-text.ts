/** The longest message of an error, in characters: names and values of a client are quoted in it, and may be as long as it likes. */
const MAX_CHARS = 400;

/** graphql-js appends the names that it thinks were meant. */
const SUGGESTION = ' Did you mean ';

/** What of an error's message is sent. */
export type TidyMessage = (message: string) => string;

/** @param hideSuggestions whether names of the schema are to be left out: where introspection is off, they would give it away. */
export function createTidyMessage({ hideSuggestions }: { readonly hideSuggestions: boolean }): TidyMessage {
  return (message) => {
    const end = hideSuggestions ? message.indexOf(SUGGESTION) : -1;
    const text = end === -1 ? message : message.slice(0, end);
    return text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS)} …`;
  };
}
