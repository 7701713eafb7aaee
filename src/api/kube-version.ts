const KUBE_VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const STAGES = { alpha: 0, beta: 1, ga: 2 } as const;

/**
 * Orders versions of an API group, the preferred one first: v10, v2, v1, v11beta2, v10beta3, v3alpha1, then names that are no such
 * versions in the order of the alphabet.
 */
export function compareVersions(a: string, b: string): number {
  const [ofA, ofB] = [parse(a), parse(b)];
  if (ofA === undefined && ofB === undefined) return a < b ? -1 : a > b ? 1 : 0;
  if (ofA === undefined || ofB === undefined) return ofA === undefined ? 1 : -1;
  return ofB.stage - ofA.stage || ofB.major - ofA.major || ofB.minor - ofA.minor;
}

function parse(version: string) {
  const match = KUBE_VERSION.exec(version);
  if (match === null) return undefined;
  const [, major, stage, minor] = match;
  return { major: Number(major), stage: STAGES[(stage ?? 'ga') as keyof typeof STAGES], minor: Number(minor ?? 0) };
}
