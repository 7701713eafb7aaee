import { kubectlTest } from './support/kubectl.ts';

kubectlTest('taint, cordon, drain and uncordon', async (kubectl) => {
  // Each version has a node of its own, and pods that fit no other.
  const [first = '', second = ''] = (await kubectl.output('get nodes -o jsonpath={.items[*].metadata.name}')).split(' ');
  const node = kubectl.namespace.endsWith('132') ? first : second;
  kubectl.files({ 'web.yaml': web(node), 'budget.yaml': BUDGET });
  await kubectl.rows(
    ['apply -f web.yaml', 'deployment.apps/web created'],
    ['run bare --image=nginx --overrides={"spec":{"nodeName":"' + node + '"}}', 'pod/bare created'],
    ['wait --for=condition=Available deploy/web --timeout=30s', 'deployment.apps/web condition met'],
    [`label node ${node} zone=$ns`, `node/${node} labeled`],
    [`get nodes -l zone=$ns -o name`, `node/${node}`],
    [`label node ${node} zone-`, `node/${node} unlabeled`],
    [`taint node ${node} clients.example/full=yes:PreferNoSchedule`, `node/${node} tainted`],
    [`taint node ${node} clients.example/full=yes:PreferNoSchedule`, `error: node ${node} already has clients.example/full taint(s) with same effect(s) and --overwrite is false`, { fails: true }],
    [`get node ${node} -o jsonpath={.spec.taints[?(@.key=="clients.example/full")]}`, '{"effect":"PreferNoSchedule","key":"clients.example/full","value":"yes"}'],
    [`describe node ${node}`, [/\nTaints:\s+clients.example\/full=yes:PreferNoSchedule\n/, /\nUnschedulable:\s+false\n/, /\nConditions:\n {2}Type\s+Status\s+LastHeartbeatTime\s+LastTransitionTime\s+Reason\s+Message\n/, /\nNon-terminated Pods:\s+\(\d+ in total\)\n {2}Namespace\s+Name\s+CPU Requests\s+CPU Limits\s+Memory Requests\s+Memory Limits\s+Age\n/, /\nAllocated resources:\n/, /\nEvents:/]],
    [`taint node ${node} clients.example/full-`, `node/${node} untainted`],
    [`cordon ${node}`, `node/${node} cordoned`],
    [`cordon ${node}`, `node/${node} already cordoned`],
    [`get node ${node}`, /\s+Ready,SchedulingDisabled\s+/],
    ['apply -f budget.yaml', 'poddisruptionbudget.policy/web created'],
    [`drain ${node} --pod-selector=app=none`, `node/${node} already cordoned\nnode/${node} drained`],
    [`drain ${node} --timeout=3s`, [/cannot delete (cannot delete )?Pods (declare no controller|that declare no controller) \(use --force to override\): \S+\/bare/], { fails: true }],
    [`drain ${node} --dry-run=server --force --pod-selector=run=bare`, [new RegExp(`node/${node} already cordoned \\(server dry run\\)`), /evicting pod \S+\/bare \(server dry run\)/]],
    [`drain ${node} --force --timeout=3s`, [/Warning: deleting Pods that declare no controller: \S+\/bare/, /error when evicting pods\/"web-\S+" -n "\S+" \(will retry after 5s\): Cannot evict pod as it would violate the pod's disruption budget\./, /global timeout reached: 3s/], { fails: true }],
    ['delete pdb web', /poddisruptionbudget.policy "web" deleted/],
    [`drain ${node} --timeout=40s`, [/evicting pod \S+\/web-\S+\n/, new RegExp(`node/${node} drained`)]],
    ['get pod bare', 'Error from server (NotFound): pods "bare" not found', { fails: true }],
    [`uncordon ${node}`, `node/${node} uncordoned`],
    [`uncordon ${node}`, `node/${node} already uncordoned`],
    ['wait --for=condition=Available deploy/web --timeout=30s', 'deployment.apps/web condition met'],
    ['drain none', 'Error from server (NotFound): nodes "none" not found', { fails: true }],
  );
});

const web = (node: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { nodeSelector: { kubernetes.io/hostname: ${node} }, containers: [{ name: c, image: nginx }] }
`;

const BUDGET = `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec: { minAvailable: 1, selector: { matchLabels: { app: web } } }
`;
