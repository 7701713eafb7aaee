import type { ClusterOptions } from './up-options.ts';
import { UsageError } from './usage-error.ts';

type Internal = (options: ClusterOptions) => Promise<unknown>;

/** What "up" starts, and the set-up: for programs of ours, which give their options as JSON. */
const PROGRAMS: Readonly<Record<string, Internal>> = {
  compile: async () => (await import('./compile-all.ts')).compileAll(),
  'control-plane': async (options) => (await import('./control-plane/main.ts')).runControlPlane(options),
  agent: async (options) => (await import('./agent/main.ts')).runAgent(options),
};

/** `headway internal NAME [OPTIONS]`. Knows no flags, so that nothing that reads them is loaded. @throws UsageError */
export async function runInternal([name = '', options = '{}']: readonly string[]): Promise<void> {
  const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
  if (!program) throw new UsageError(`"headway internal" has no ${JSON.stringify(name)}; it is not for people`);
  await program(JSON.parse(options) as ClusterOptions);
}
