/** What no answer of a server may contain. */
const INTERNALS: Readonly<Record<string, RegExp>> = {
  'a stack trace': /\bat [^\n]{1,200}\.(?:js|ts|py):\d+:\d+/,
  'a path of the server': /node_modules|file:\/\/\//,
  'an address of Redis': /\brediss?:\/\/|ECONNREFUSED|WRONGTYPE|NOPERM/,
};

/** Everything that the server has sent. It is searched as it comes, and not kept. */
export interface Transcript {
  /** A secret that no answer may contain. */
  protect(secret: string): void;
  received(text: string): void;
  readonly messages: number;
  readonly characters: number;
  /** What was found: `a token`, `a stack trace`. Never the text itself. */
  readonly found: readonly string[];
}

export function createTranscript(): Transcript {
  const secrets = new Set<string>();
  const found = new Set<string>();
  let messages = 0;
  let characters = 0;
  return {
    protect(secret) {
      // The signature is what makes a token one. The other parts may be in an honest answer, such as the user's id.
      const signature = secret.split('.').at(-1) ?? '';
      if (signature.length >= 16) secrets.add(signature);
    },
    received(text) {
      messages += 1;
      characters += text.length;
      for (const secret of secrets) if (text.includes(secret)) found.add('a token');
      for (const [what, pattern] of Object.entries(INTERNALS)) if (pattern.test(text)) found.add(what);
    },
    get messages() {
      return messages;
    },
    get characters() {
      return characters;
    },
    get found() {
      return [...found];
    },
  };
}
