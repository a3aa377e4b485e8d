import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIPv4 } from 'node:net';
import type { Logger } from '../log.ts';
import { canonicalAddress, readForwarded, readForwardedFor } from './forwarded.ts';

/** An address, or all that begin with the same bits (CIDR). */
export interface AddressRange {
  readonly address: string;
  readonly prefix: number;
}

/** Which proxies stand between clients and this server. */
export interface ProxySettings {
  /** Proxies that are believed when they name the client of a request. */
  readonly trusted: readonly AddressRange[];
  /** Whether an untrusted peer on the loopback is a client like others. Otherwise it is taken for a proxy that was not named yet. */
  readonly isLoopbackClient: boolean;
  /** Whether such a proxy is expected, as in a demo, so that nothing is logged about it. */
  readonly isLoopbackExpected: boolean;
}

export interface ClientAddress {
  /** For logs: each address has one spelling. */
  readonly text: string;
  /** Clients are counted by this: an IPv4 address, or the /64 of an IPv6 address. `undefined`: clients cannot be distinguished. */
  readonly key: string | undefined;
}

export interface ClientAddresses {
  /** The client at the other end of a connection. `undefined` for a proxy: its requests name their clients. */
  ofPeer(peer: string | undefined): ClientAddress | undefined;
  /** The client that a request comes from. */
  ofRequest(peer: string | undefined, headers: IncomingHttpHeaders): ClientAddress;
}

/** The peer's address where the connection is gone already. */
const NOBODY = '0.0.0.0';

/**
 * Finds the address of a client. It is the peer, unless the peer is a trusted proxy: then it is the nearest address in the proxy's
 * headers that is not itself a trusted proxy. Only what trusted proxies wrote is believed: the client may have written everything to
 * the left of an untrusted address.
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

  /** The first address that is no trusted proxy. If there is none, or one cannot be read, the last address before that. */
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
    // A proxy that sets only one of the two headers passes on the other as its client wrote it.
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

/** The first 64 bits of an IPv6 address. One client usually has all addresses that begin with them. */
function networkOf(address: string): string {
  const [left = '', right = ''] = address
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - Math.min(8, left.length + right.length)).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}

/** How many addresses a lookup remembers. */
const MAX_KNOWN = 1000;

/** Answers whether an address is in one of the ranges. Answers are remembered, since `BlockList` takes 10 µs for each. */
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

/** Logs each warning once, so that clients cannot fill the log. */
function createWarnings(log: Logger): (message: string, details: object) => void {
  const said = new Set<string>();
  return (message, details) => {
    if (said.has(message)) return;
    said.add(message);
    log.warn(details, message);
  };
}
