/** The API line that is served, in the form of Kubernetes' `version.Info`. */
export const VERSION = {
  major: '1', minor: '36', gitVersion: 'v1.36.0+headway', gitCommit: '', gitTreeState: 'clean', buildDate: '2026-04-22T00:00:00Z',
  goVersion: '', compiler: '', platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
} as const;
