/** The cost to verify one HS256 token with jose, in microseconds of CPU. Authentication cannot avoid this cost. */
import { jwtVerify } from 'jose';
import { signToken } from './load/tokens.ts';
import { SECRET } from './systems.ts';

const TOKENS = 2000;
/** The same number at a time as the load client connects sockets. */
const AT_A_TIME = 100;

const key = new TextEncoder().encode(SECRET);
const options = { algorithms: ['HS256'], requiredClaims: ['exp'] };

async function verifyAll(): Promise<number> {
  const tokens = Array.from({ length: TOKENS }, (_, i) => signToken(SECRET, i, 1));
  const before = process.cpuUsage();
  while (tokens.length > 0) {
    await Promise.all(tokens.splice(0, AT_A_TIME).map((token) => jwtVerify(token, key, options)));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / TOKENS;
}

await verifyAll(); // to warm up
process.stdout.write(`${(await verifyAll()).toFixed(1)} microseconds\n`);
