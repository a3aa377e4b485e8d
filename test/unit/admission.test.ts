/** The parts that limit clients without a session: rates, slots, and the memory of addresses. */
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type AddressLimits, createAddressBook } from '../../src/transport/admission/address-book.ts';
import { Places, Stranger } from '../../src/transport/admission/places.ts';
import { createRefusalReports } from '../../src/transport/admission/refusal-reports.ts';
import { perMinute, TokenBucket } from '../../src/transport/admission/token-bucket.ts';
import { createLogLines } from '../support/log-lines.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
});

const pass = (seconds: number): void => void vi.advanceTimersByTime(seconds * 1000);
const takeAll = (bucket: TokenBucket): number => {
  let taken = 0;
  while (taken < 10_000 && bucket.take()) taken += 1;
  return taken;
};

describe('a token bucket', () => {
  test('grants its capacity at once, then a fixed number per second', () => {
    const bucket = new TokenBucket(30, 10);
    expect(takeAll(bucket)).toBe(30);
    pass(0.1);
    expect(takeAll(bucket)).toBe(1);
    pass(1);
    expect(takeAll(bucket)).toBe(10);
    pass(3600);
    expect(takeAll(bucket)).toBe(30);
  });

  test('gets back a returned token, but never exceeds its capacity', () => {
    const bucket = perMinute(2);
    bucket.giveBack();
    expect(takeAll(bucket)).toBe(2);
    bucket.giveBack();
    expect(takeAll(bucket)).toBe(1);
  });

  test('refills an overdraft before it grants again', () => {
    const bucket = perMinute(60);
    for (let time = 0; time < 61; time += 1) bucket.charge();
    expect(bucket.isEmpty).toBe(true);
    pass(1.5);
    expect(bucket.isEmpty).toBe(true);
    pass(1);
    expect(bucket.isEmpty).toBe(false);
  });

  test('without a limit never runs out', () => {
    expect(takeAll(perMinute(0))).toBe(10_000);
  });

  test('ignores a clock that is set back', () => {
    const bucket = perMinute(60);
    takeAll(bucket);
    vi.setSystemTime(0);
    pass(1);
    expect(takeAll(bucket)).toBe(1);
  });
});

describe('slots', () => {
  const seat = (places: readonly Places[], name = '', gone: string[] = []): Stranger => {
    const stranger = new Stranger(...places);
    if (stranger.enter() === undefined) stranger.wait(() => gone.push(name));
    return stranger;
  };

  test('are limited, and leaving frees a slot only once', () => {
    const places = new Places('sockets', 2);
    const [first] = [seat([places]), seat([places])];
    expect(new Stranger(places).enter()).toBe('sockets');
    first?.leave();
    first?.leave();
    expect(places.taken).toBe(1);
    expect(new Stranger(places).enter()).toBeUndefined();
    expect(new Stranger(places).enter()).toBe('sockets');
  });

  test('the oldest waiting client loses its slot after three seconds', () => {
    const places = new Places('sockets', 2);
    const gone: string[] = [];
    seat([places], 'a', gone);
    pass(2.9);
    seat([places], 'b', gone);
    expect(new Stranger(places).enter()).toBe('sockets');
    pass(0.2);
    seat([places], 'c', gone);
    expect(gone).toEqual(['a']);
    expect(new Stranger(places).enter()).toBe('sockets');
    expect(places.taken).toBe(2);
  });

  test('a client keeps its slot while its token is checked', () => {
    const places = new Places('sockets', 1);
    const gone: string[] = [];
    const busy = seat([places], 'busy', gone);
    busy.keep();
    pass(60);
    expect(new Stranger(places).enter()).toBe('sockets');
    busy.waitAgain();
    expect(new Stranger(places).enter()).toBe('sockets'); // its waiting time starts again
    pass(4);
    expect(new Stranger(places).enter()).toBeUndefined();
    expect(gone).toEqual(['busy']);
  });

  test('a stranger takes no slot if one of its limits is reached', () => {
    const [own, all] = [new Places('sockets', 5), new Places('strangers', 1)];
    seat([own, all]);
    expect(new Stranger(own, all).enter()).toBe('strangers');
    expect(own.taken).toBe(1);
  });
});

describe('the address book', () => {
  const limits: AddressLimits = {
    maxStrangerSocketsPerAddress: 5,
    maxStrangerRequestsPerAddress: 5,
    maxConnectionsPerMinute: 3,
    maxRefusedTokensPerMinute: 3,
  };
  const at = (key: string) => ({ text: key, key });

  test('forgets an address after a minute', () => {
    const book = createAddressBook(limits);
    expect(takeAll(book.of(at('a')).connections)).toBe(3);
    expect(takeAll(book.of(at('a')).connections)).toBe(0);
    for (let other = 0; other < 1000; other += 1) book.of(at(`${other}`));
    expect(book.size).toBe(1001);
    pass(61);
    for (let time = 0; time < 1000; time += 1) book.of(at('late'));
    expect(book.size).toBe(1);
  });

  test('is bounded, but keeps addresses that hold a slot', () => {
    const book = createAddressBook(limits, 100);
    const held = book.of(at('held'));
    const stranger = new Stranger(held.sockets);
    stranger.enter();
    for (let other = 0; other < 10_000; other += 1) book.of(at(`${other}`));
    expect(book.size).toBeLessThanOrEqual(101);
    expect(book.of(at('held'))).toBe(held);
    pass(3600);
    for (let time = 0; time < 1000; time += 1) book.of(at('late'));
    expect(book.of(at('held'))).toBe(held);
    stranger.leave();
    pass(61);
    for (let time = 0; time < 10; time += 1) book.of(at('late'));
    expect(book.size).toBe(1);
  });

  test('accepts new addresses when many addresses hold slots', () => {
    const book = createAddressBook(limits, 10);
    for (let one = 0; one < 50; one += 1) new Stranger(book.of(at(`${one}`)).sockets).enter();
    expect(book.size).toBe(50);
  });
});

test('each refusal is counted, and one per minute and limit is logged', () => {
  const { log, lines } = createLogLines();
  const counted: string[] = [];
  const report = createRefusalReports((limit) => counted.push(limit), log);
  for (let time = 0; time < 100; time += 1) {
    report('sockets', '203.0.113.7');
    report('tokens', '203.0.113.8');
  }
  pass(61);
  report('sockets', '203.0.113.9');
  expect(counted).toHaveLength(201);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { limit: 'sockets', address: '203.0.113.7', since: 0 },
    { limit: 'tokens', address: '203.0.113.8', since: 0 },
    { limit: 'sockets', address: '203.0.113.9', since: 99 },
  ]);
});
