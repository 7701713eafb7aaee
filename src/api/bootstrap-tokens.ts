const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** When a bootstrap token ends by its `expiration`, milliseconds since the epoch: never without one, and a time that cannot be read is over: better a node too few than one for ever. */
export function bootstrapTokenEndMs(expiration: string): number {
  if (expiration === '') return Infinity;
  const endMs = RFC3339.test(expiration) ? Date.parse(expiration) : NaN;
  return Number.isNaN(endMs) ? -Infinity : endMs;
}
