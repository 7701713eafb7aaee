import { join } from 'node:path';
import type { ClusterSummary, WorkloadSummary } from './supervisor/messages.ts';
import { type ClusterOptions, DEFAULT_UP_FLAGS } from './up-options.ts';

/** Where the kubeconfig is, and three things to try. */
export function nextSteps(cluster: ClusterOptions, summary: ClusterSummary | undefined): string {
  const flag = cluster.dataDir === DEFAULT_UP_FLAGS.dataDir ? '' : ` --data-dir ${cluster.dataDir}`;
  const kubeconfig = join(cluster.dataDir, 'kubeconfig');
  const service = summary?.workloads.shown.find((w) => w.kind === 'Service' && w.namespace !== 'default');
  const deployment = summary?.workloads.shown.find((w) => w.kind === 'Deployment');
  return [
    `kubeconfig: ${kubeconfig}`,
    '',
    'Try:',
    `  export KUBECONFIG=${kubeconfig} && kubectl get pods -A`,
    // Nothing answers behind a simulated pod.
    service && cluster.simulatedNodes === 0 ? `  curl http://${service.state}/` : `  headway status${flag}`,
    lastStep(cluster, deployment),
  ].join('\n');
}

function lastStep({ repository }: ClusterOptions, deployment: WorkloadSummary | undefined): string {
  if (!repository) return '  headway up --repo URL-or-path --path clusters/demo   # deploy by commit';
  if (!deployment) return '  kubectl -n headway-system get application root -o yaml   # what of the repository is applied, and what is wrong';
  return `  kubectl -n ${deployment.namespace} scale deployment ${deployment.name} --replicas=5   # and watch Headway put it back as Git has it`;
}
