/** The parts of the admission of strangers: rates, places, and what is remembered of addresses. */
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
  test('lets its capacity through at once, then so many in a second', () => {
    const bucket = new TokenBucket(30, 10);
    expect(takeAll(bucket)).toBe(30);
    pass(0.1);
    expect(takeAll(bucket)).toBe(1);
    pass(1);
    expect(takeAll(bucket)).toBe(10);
    pass(3600);
    expect(takeAll(bucket)).toBe(30);
  });

  test('has again what is given back, and never more than its capacity', () => {
    const bucket = perMinute(2);
    bucket.giveBack();
    expect(takeAll(bucket)).toBe(2);
    bucket.giveBack();
    expect(takeAll(bucket)).toBe(1);
  });

  test('that is charged for more than it has pays that first', () => {
    const bucket = perMinute(60);
    for (let time = 0; time < 61; time += 1) bucket.charge();
    expect(bucket.isEmpty).toBe(true);
    pass(1.5);
    expect(bucket.isEmpty).toBe(true);
    pass(1);
    expect(bucket.isEmpty).toBe(false);
  });

  test('of no limit never ends', () => {
    expect(takeAll(perMinute(0))).toBe(10_000);
  });

  test('does not care when the clock is set back', () => {
    const bucket = perMinute(60);
    takeAll(bucket);
    vi.setSystemTime(0);
    pass(1);
    expect(takeAll(bucket)).toBe(1);
  });
});

describe('places', () => {
  const seat = (places: readonly Places[], name = '', gone: string[] = []): Stranger => {
    const stranger = new Stranger(...places);
    if (stranger.enter() === undefined) stranger.wait(() => gone.push(name));
    return stranger;
  };

  test('are as many as there are, and free again when somebody leaves, once', () => {
    const places = new Places('sockets', 2);
    const [first] = [seat([places]), seat([places])];
    expect(new Stranger(places).enter()).toBe('sockets');
    first?.leave();
    first?.leave();
    expect(places.taken).toBe(1);
    expect(new Stranger(places).enter()).toBeUndefined();
    expect(new Stranger(places).enter()).toBe('sockets');
  });

  test('are given up by who has waited longest, after three seconds', () => {
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

  test('are not given up by one whose token is being checked', () => {
    const places = new Places('sockets', 1);
    const gone: string[] = [];
    const busy = seat([places], 'busy', gone);
    busy.keep();
    pass(60);
    expect(new Stranger(places).enter()).toBe('sockets');
    busy.waitAgain();
    expect(new Stranger(places).enter()).toBe('sockets'); // it has its time again
    pass(4);
    expect(new Stranger(places).enter()).toBeUndefined();
    expect(gone).toEqual(['busy']);
  });

  test('a stranger without one of its places has none', () => {
    const [own, all] = [new Places('sockets', 5), new Places('strangers', 1)];
    seat([own, all]);
    expect(new Stranger(own, all).enter()).toBe('strangers');
    expect(own.taken).toBe(1);
  });
});

describe('addresses', () => {
  const limits: AddressLimits = {
    maxStrangerSocketsPerAddress: 5,
    maxStrangerRequestsPerAddress: 5,
    maxConnectionsPerMinute: 3,
    maxRefusedTokensPerMinute: 3,
  };
  const at = (key: string) => ({ text: key, key });

  test('are remembered for a minute, and then forgotten', () => {
    const book = createAddressBook(limits);
    expect(takeAll(book.of(at('a')).connections)).toBe(3);
    expect(takeAll(book.of(at('a')).connections)).toBe(0);
    for (let other = 0; other < 1000; other += 1) book.of(at(`${other}`));
    expect(book.size).toBe(1001);
    pass(61);
    for (let time = 0; time < 1000; time += 1) book.of(at('late'));
    expect(book.size).toBe(1);
  });

  test('are no more than a bound, however many there are, and those that hold something stay', () => {
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

  test('of which many hold something do not stop the others', () => {
    const book = createAddressBook(limits, 10);
    for (let one = 0; one < 50; one += 1) new Stranger(book.of(at(`${one}`)).sockets).enter();
    expect(book.size).toBe(50);
  });
});

test('of refusals each is counted, and one in a minute is logged for each limit', () => {
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
