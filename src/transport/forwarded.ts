import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** An address as text, one for each address: IPv6 is shortened, and an IPv4 address mapped into it is IPv4. */
export function canonicalAddress(written: string): string | undefined {
  if (isIPv4(written)) return written;
  const [address = ''] = written.split('%'); // a zone says by which interface, not who
  if (!isIPv6(address)) return undefined;
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  return /^::ffff:([\d.]+)$/.exec(canonical)?.[1] ?? canonical;
}

/** The clients in `X-Forwarded-For`, the nearest first. `undefined`: something that is no address. */
export function* readForwardedFor(header: string): Generator<string | undefined> {
  for (const element of splitFromRight(header)) yield readNode(element);
}

/** The clients in `Forwarded` (RFC 7239), the nearest first. `undefined`: `unknown`, an obfuscated one, or what is malformed. */
export function* readForwarded(header: string): Generator<string | undefined> {
  for (const element of splitFromRight(header)) {
    const node = readForParameter(element);
    yield node === undefined ? undefined : readNode(node);
  }
}

/**
 * Splits at commas outside of quotes, from the right: the right end is what the nearest proxy has written, and nothing that a
 * client wrote before it, such as a quote that does not end, can hide it. Empty elements count for nothing (RFC 9110, 5.6.1).
 */
function* splitFromRight(header: string): Generator<string> {
  let end = header.length;
  let isQuoted = false;
  for (let at = header.length - 1; at >= -1; at -= 1) {
    const char = header[at] ?? ',';
    if (char === '"' && !isEscaped(header, at)) isQuoted = !isQuoted;
    if (char !== ',' || (isQuoted && at >= 0)) continue;
    const element = header.slice(at + 1, end).trim();
    end = at;
    if (element !== '') yield element;
  }
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

/** One `name=value` of an element, the value quoted or not; its white space is not in the grammar, but is written. */
const PARAMETER = /\s*([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*))\s*(?:;|$)/y;

/** The value of an element's `for`, if all of the element can be read and has it once. */
function readForParameter(element: string): string | undefined {
  let found: string | undefined;
  PARAMETER.lastIndex = 0;
  while (PARAMETER.lastIndex < element.length) {
    const match = PARAMETER.exec(element);
    if (match === null) return undefined;
    if (match[1]?.toLowerCase() !== 'for') continue;
    if (found !== undefined) return undefined;
    found = match[2]?.replace(/\\(.)/g, '$1') ?? match[3];
  }
  return found;
}

/** With a port, as some proxies write it, which may be obfuscated. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::(?:\d{1,5}|_[\w.-]+))?$/;

function readNode(written: string): string | undefined {
  const match = WITH_PORT.exec(written);
  return canonicalAddress(match?.[1] ?? match?.[2] ?? written);
}
