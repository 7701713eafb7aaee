import type { Info } from '#api/generated/pkg/version.ts';

/** The API line that is served, in the form of Kubernetes' `version.Info`; what Kubernetes tells of Go tells here of the runtime. */
export const VERSION = {
  major: '1', minor: '36', emulationMajor: '1', emulationMinor: '36', minCompatibilityMajor: '1', minCompatibilityMinor: '35',
  gitVersion: 'v1.36.0+headway', gitCommit: 'headway', gitTreeState: 'clean', buildDate: '2026-04-22T00:00:00Z',
  goVersion: `node${process.versions.node}`, compiler: `v8-${process.versions.v8}`, platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
} as const satisfies Info;
