import type { IncomingMessage } from 'node:http';
import type { Visitor } from '../auth/viewer.ts';
import type { Admission } from './admission/admission.ts';

/** Where a request comes from. */
export function visitorOf(
  request: IncomingMessage | undefined,
  admission: Pick<Admission, 'visitOf'>,
  transport: Visitor['transport'],
): Visitor {
  return { address: addressOf(request, admission) ?? null, transport };
}

/** The client's address, as `TRUSTED_PROXIES` says. */
export function addressOf(
  request: IncomingMessage | undefined,
  admission: Pick<Admission, 'visitOf'>,
): string | undefined {
  return request && admission.visitOf(request)?.address;
}
