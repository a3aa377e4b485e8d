import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIPv4 } from 'node:net';
import type { Logger } from '../log.ts';
import { canonicalAddress, readForwarded, readForwardedFor } from './forwarded.ts';

/** An address, or all that begin with the same bits (CIDR). */
export interface AddressRange {
  readonly address: string;
  readonly prefix: number;
}

/** Who stands between clients and this server. */
export interface ProxySettings {
  /** Proxies that are believed when they say for whom they ask. */
  readonly trusted: readonly AddressRange[];
  /** Whether a peer on the loopback, unless it is trusted, is a client like others, and not a proxy that was not named yet. */
  readonly isLoopbackClient: boolean;
  /** Whether nothing is said about such a proxy: this is a demo. */
  readonly isLoopbackExpected: boolean;
}

export interface ClientAddress {
  /** In one spelling for each address: what a log may say. */
  readonly text: string;
  /** By what clients are counted: an IPv4 address, or the /64 of an IPv6 client. `undefined`: they cannot be distinguished. */
  readonly key: string | undefined;
}

export interface ClientAddresses {
  /** The client at the other end of a connection; `undefined` for a proxy, whose requests say for whom they are. */
  ofPeer(peer: string | undefined): ClientAddress | undefined;
  /** The client that a request is from. */
  ofRequest(peer: string | undefined, headers: IncomingHttpHeaders): ClientAddress;
}

/** The peer's address where the connection is gone already. */
const NOBODY = '0.0.0.0';

/**
 * Finds out from where a client comes: the peer, or, where that is a trusted proxy, the nearest address in its headers that is none.
 * A header is believed as far as trusted proxies wrote it: whatever comes from the left of an untrusted address, the client may
 * have written itself.
 */
export function createClientAddresses(settings: ProxySettings, log: Logger): ClientAddresses {
  const isTrusted = createLookup(settings.trusted);
  const isLoopback = createLookup([
    { address: '127.0.0.0', prefix: 8 },
    { address: '::1', prefix: 128 },
  ]);
  const warnOnce = createWarnings(log);

  function isUnnamedProxy(address: string): boolean {
    return !settings.isLoopbackClient && isLoopback(address) && !isTrusted(address);
  }

  /** The first that is no trusted proxy; if there is none, or something that cannot be read, the last before it. */
  function nearestClient(peer: string, nodes: Iterable<string | undefined>): string {
    let nearest = peer;
    for (const node of nodes) {
      if (node === undefined) return nearest;
      nearest = node;
      if (!isTrusted(node)) return nearest;
    }
    return nearest;
  }

  function fromHeaders(
    peer: string,
    forwarded: string | undefined,
    forwardedFor: string | undefined,
  ): string {
    const byStandard = forwarded === undefined ? peer : nearestClient(peer, readForwarded(forwarded));
    const byCustom = forwardedFor === undefined ? peer : nearestClient(peer, readForwardedFor(forwardedFor));
    if (forwarded === undefined) return byCustom;
    if (forwardedFor === undefined || byStandard === byCustom) return byStandard;
    // A proxy that sets one of them passes on what its client has written into the other.
    warnOnce(
      'Forwarded and X-Forwarded-For name different clients, so neither is believed: let the proxy set one and remove the other',
      { peer },
    );
    return peer;
  }

  return {
    ofPeer(peer) {
      const address = canonicalAddress(peer ?? NOBODY) ?? NOBODY;
      return isTrusted(address) || isUnnamedProxy(address) ? undefined : limited(address);
    },
    ofRequest(peer, headers) {
      const address = canonicalAddress(peer ?? NOBODY) ?? NOBODY;
      const { forwarded, 'x-forwarded-for': forwardedFor } = headers;
      if (isTrusted(address))
        return limited(fromHeaders(address, forwarded, String(forwardedFor ?? '') || undefined));
      if (isUnnamedProxy(address)) {
        if (!settings.isLoopbackExpected) warnOnce(UNNAMED, { peer: address });
        return { text: address, key: undefined };
      }
      if (forwarded !== undefined || forwardedFor !== undefined) warnOnce(UNTRUSTED, { peer: address });
      return limited(address);
    },
  };
}

const UNNAMED =
  'clients come over the loopback, perhaps through a proxy: they are not limited by their addresses. Name the proxy: TRUSTED_PROXIES=127.0.0.1,::1 (or say that there is none: TRUSTED_PROXIES=none)';
const UNTRUSTED =
  'a peer says for whom it asks (Forwarded, X-Forwarded-For), and is not believed: if it is your proxy, name it in TRUSTED_PROXIES';

function limited(address: string): ClientAddress {
  return { text: address, key: isIPv4(address) ? address : networkOf(address) };
}

/** The first 64 bits of an IPv6 address: a client has all addresses that begin with them. */
function networkOf(address: string): string {
  const [left = '', right = ''] = address
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - Math.min(8, left.length + right.length)).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}

/** How many addresses a lookup remembers. */
const MAX_KNOWN = 1000;

/** Answers whether an address is in one of the ranges. It remembers the answers: `BlockList` takes 10 µs for each. */
function createLookup(ranges: readonly AddressRange[]): (address: string) => boolean {
  const list = new BlockList();
  for (const { address, prefix } of ranges) list.addSubnet(address, prefix, familyOf(address));
  const known = new Map<string, boolean>();
  return (address) => {
    let isIn = known.get(address);
    if (isIn === undefined) {
      isIn = list.check(address, familyOf(address));
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(address, isIn);
    }
    return isIn;
  };
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6');

/** Says each thing once: what a client can cause fills no log. */
function createWarnings(log: Logger): (message: string, details: object) => void {
  const said = new Set<string>();
  return (message, details) => {
    if (said.has(message)) return;
    said.add(message);
    log.warn(details, message);
  };
}
