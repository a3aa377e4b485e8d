/** Who takes part in a validation, and what each of them is expected to see. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { isUnitId, isUserId } from '../../events/ids.ts';
import { UsageError } from '../command.ts';

const text = z.string().min(1).max(200);
const userId = z.union([z.string(), z.int()]).transform(String).refine(isUserId, 'can be no user’s id');
const unitId = z.union([z.string(), z.int()]).transform(String).refine(isUnitId, 'can be no unit’s id');

const viewer = z.strictObject({
  name: text,
  user: userId,
  unit: unitId.nullable(),
  role: text.optional(),
  classes: z.array(z.enum(['ADMIN', 'AUDITOR'])).default([]),
  tokenFile: text.optional(),
  spareTokenFile: text.optional(),
  mayBeRevoked: z.boolean().default(false),
});

const file = z.strictObject({
  probeUnits: z.array(unitId).max(10).default([]),
  probeAllUnits: z.boolean().default(false),
  viewers: z.array(viewer).min(1).max(50),
});

/** Somebody with a token. */
export interface Viewer {
  /** As the report names this person. */
  readonly name: string;
  readonly userId: string;
  /** `null`: none. */
  readonly unitId: string | null;
  readonly role: string | undefined;
  /** The role classes that this person is expected to have: by them the report decides what is right, and not by the settings. */
  readonly classes: readonly ('ADMIN' | 'AUDITOR')[];
  readonly token: string;
  /** Another token of the same person. It may be revoked. */
  readonly spareToken: string | undefined;
  /** Whether all tokens of this person may be revoked. */
  readonly mayBeRevoked: boolean;
}

export interface People {
  readonly viewers: readonly Viewer[];
  /** The units that probe events may be published to. */
  readonly probeUnits: readonly string[];
  /** Whether snapshots of all units together may be published. */
  readonly probesTogether: boolean;
}

/** What a token is made for. */
export type Bearer = Pick<Viewer, 'userId' | 'unitId' | 'role'>;

/** @param makeToken makes tokens where the installation's secret is at hand; `undefined`: each viewer needs a file. */
export function readPeople(path: string, makeToken: ((bearer: Bearer) => string) | undefined): People {
  const read = file.safeParse(readJsonFile(path));
  if (!read.success) {
    const faults = read.error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`);
    throw new UsageError(`--users: ${faults.join('; ')}`);
  }
  const { viewers, probeUnits, probeAllUnits } = read.data;
  const tokenIn = (name: string): string => readToken(resolve(dirname(path), name));
  const people = viewers.map(({ name, user, unit, role, classes, mayBeRevoked, ...files }) => {
    const bearer = { userId: user, unitId: unit, role };
    const token = files.tokenFile === undefined ? makeToken?.(bearer) : tokenIn(files.tokenFile);
    if (token === undefined)
      throw new UsageError(`--users: ${name} has no tokenFile, and there is no --secret-file.`);
    const spareToken =
      files.spareTokenFile === undefined ? makeToken?.(bearer) : tokenIn(files.spareTokenFile);
    return { name, ...bearer, classes, token, spareToken, mayBeRevoked };
  });
  if (new Set(people.map(({ name }) => name)).size < people.length)
    throw new UsageError('--users: two viewers have the same name.');
  return { viewers: people, probeUnits: [...new Set(probeUnits)], probesTogether: probeAllUnits };
}

function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--users: ${error instanceof Error ? error.message : error}`);
  }
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8')
      .trim()
      .replace(/^Bearer +/i, '');
  } catch (error) {
    throw new UsageError(`--users: ${error instanceof Error ? error.message : error}`);
  }
}

export const seesAllUnits = ({ classes }: Pick<Viewer, 'classes'>): boolean => classes.includes('ADMIN');
