import type { Problems } from './problems.ts';

const PERCENT = /^[0-9]+%$/;
const BAD_PERCENT = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

export type Share = number | string | undefined;

interface ShareRules {
  /** A percentage above 100 is wrong. */
  readonly isAtMostAll?: boolean;
}

/** A count, or a part of all in percent. */
export function validateShare(problems: Problems, field: string, share: Share, { isAtMostAll = false }: ShareRules = {}): void {
  if (share === undefined) return;
  if (typeof share === 'number') return problems.atLeast(field, share, 0);
  if (!PERCENT.test(share)) return problems.invalid(field, share, BAD_PERCENT);
  if (isAtMostAll && Number.parseInt(share, 10) > 100) problems.invalid(field, share, 'must not be greater than 100%');
}

/** What is no share at all is none, as it is for Kubernetes. */
export const isZeroShare = (share: Share): boolean => (typeof share === 'string' ? (PERCENT.test(share) || /^[-+]?\d+$/.test(share) ? Number.parseInt(share, 10) : 0) : share ?? 0) === 0;
