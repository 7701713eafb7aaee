import { flushCompileCache } from 'node:module';
import { compileQuickPrograms } from './quick/program-files.ts';

/**
 * Compiles the code of every process without running it, so that the first start is as fast, and as small, as all others: a process
 * that strips types itself keeps the compiler for it in memory.
 */
export async function compileAll(): Promise<void> {
  await Promise.all([
    import('./up.ts'), import('./detach.ts'), import('#store/redis/redis-server.ts'), import('#agents/node/containerd/start-containerd.ts'),
    import('./control-plane/main.ts'), import('./control-plane/control-plane.ts'), import('./control-plane/client-parts.ts'),
    import('./agent/main.ts'), import('./agent/real-agent.ts'), import('./agent/simulated-agent.ts'),
    import('./program.ts'), import('./status.ts'), import('./down.ts'), import('./reset.ts'), import('./doctor.ts'), import('./kubeconfig.ts'),
    import('./blame.ts'), import('./log.ts'), import('./diff.ts'), import('./get.ts'), import('./rollback.ts'), import('./plan.ts'), import('./policy-test.ts'),
  ]);
  flushCompileCache();
  compileQuickPrograms();
}
