/** The blocks of an event stream, by the standard's rules as far as servers of GraphQL over SSE use them. */
import type { IncomingMessage } from 'node:http';

export type Fields = ReadonlyMap<string, string>;

/** @param onBlock gets each block as text first. */
export async function* readBlocks(
  response: IncomingMessage,
  onBlock: (text: string) => void,
): AsyncGenerator<Fields> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      onBlock(block);
      yield new Map(block.split('\n').map(readField));
    }
  }
}

function readField(line: string): [name: string, value: string] {
  const end = line.indexOf(':');
  return end === -1 ? [line, ''] : [line.slice(0, end), line.slice(end + 1).replace(/^ /, '')];
}
