import { kubectlTest } from './support/kubectl.ts';

const OBJECTS = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, annotations: { note: kept } }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: nginx, ports: [{ containerPort: 80 }], env: [{ name: A, value: b }], resources: { limits: { cpu: 100m } }, readinessProbe: { httpGet: { port: 80 } } }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec: { serviceName: db, replicas: 0, selector: { matchLabels: { app: db } }, template: { metadata: { labels: { app: db } }, spec: { containers: [{ name: c, image: db }] } } }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec: { selector: { matchLabels: { app: agent } }, template: { metadata: { labels: { app: agent } }, spec: { nodeSelector: { absent: "yes" }, containers: [{ name: c, image: agent }] } } }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: hourly }
spec: { schedule: "0 * * * *", suspend: true, jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: job }] } } } } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: once }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: job }] } } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: NodePort, selector: { app: web }, ports: [{ name: http, port: 80 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: site }
spec: { rules: [{ host: site.example, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }] }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { color: blue }
---
apiVersion: v1
kind: Secret
metadata: { name: password }
stringData: { user: admin }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: disk }
spec: { accessModes: [ReadWriteOnce], storageClassName: none, resources: { requests: { storage: 1Gi } } }
---
apiVersion: v1
kind: ResourceQuota
metadata: { name: limits }
spec: { hard: { pods: "20" } }
---
apiVersion: v1
kind: LimitRange
metadata: { name: ranges }
spec: { limits: [{ type: Container, max: { cpu: "2" } }] }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }, metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 50 } } }] }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: half }
spec: { maxUnavailable: 50%, selector: { matchLabels: { app: none } } }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader }
rules: [{ apiGroups: [""], resources: [pods], verbs: [get, list] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: readers }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ kind: User, name: jane, apiGroup: rbac.authorization.k8s.io }]
---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: { name: lock }
spec: { holderIdentity: me, leaseDurationSeconds: 10 }
`;

kubectlTest('describe of every common kind', async (kubectl) => {
  kubectl.files({ 'objects.yaml': OBJECTS });
  await kubectl.output('apply -f objects.yaml');
  await kubectl.output('wait --for=condition=Available deploy/web --timeout=30s');
  // Events, endpoints and quotas are written by others, each in its own time.
  await kubectl.rows(
    ['describe deploy web', [
      /^Name:\s+web\nNamespace:\s+\S+\nCreationTimestamp:\s+\w{3}, .*\nLabels:\s+<none>\nAnnotations:\s+deployment.kubernetes.io\/revision: 1\n\s+note: kept\nSelector:\s+app=web\nReplicas:\s+1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable\nStrategyType:\s+RollingUpdate\nMinReadySeconds:\s+0\nRollingUpdateStrategy:\s+25% max unavailable, 25% max surge\nPod Template:\n/,
      /\n {4}Port:\s+80\/TCP\n {4}Host Port:\s+0\/TCP\n {4}Limits:\n {6}cpu:\s+100m\n {4}Readiness:\s+http-get http:\/\/:80\/ delay=0s timeout=1s period=10s #success=1 #failure=3\n {4}Environment:\n {6}A:\s+b\n/,
      /\nConditions:\n {2}Type\s+Status\s+Reason\n {2}----\s+------\s+------\n {2}Available\s+True\s+MinimumReplicasAvailable\n {2}Progressing\s+True\s+NewReplicaSetAvailable\nOldReplicaSets:\s+<none>\nNewReplicaSet:\s+web-\w+ \(1\/1 replicas created\)\nEvents:\n {2}Type\s+Reason\s+Age\s+From\s+Message\n/,
    ], { eventually: true }],
    ['describe rs -l app=web', [/^Name:\s+web-\w+\n/, /\nControlled By:\s+Deployment\/web\nReplicas:\s+1 current \/ 1 desired\nPods Status:\s+1 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed\n/, /SuccessfulCreate\s+[\dms]+\s+replicaset-controller\s+Created pod: web-/], { eventually: true }],
    ['describe pod -l app=web', [/\nPriority:\s+0\nService Account:\s+default\nNode:\s+sim-\d\/\S+\nStart Time:/, /\nStatus:\s+Running\nIP:\s+10\./, /\nControlled By:\s+ReplicaSet\/web-\w+\nContainers:\n {2}c:\n {4}Container ID:/, /\n {4}State:\s+Running\n {6}Started:/, /\nQoS Class:\s+Burstable\nNode-Selectors:\s+<none>\nTolerations:\s+node.kubernetes.io\/not-ready:NoExecute op=Exists for 300s\n\s+node.kubernetes.io\/unreachable:NoExecute op=Exists for 300s\nEvents:\n/, /Scheduled\s+[\dms]+\s+default-scheduler\s+Successfully assigned/], { eventually: true }],
    ['describe sts db', [/^Name:\s+db\n/, /\nReplicas:\s+0 desired \| 0 total\nUpdate Strategy:\s+RollingUpdate\n {2}Partition:\s+0\n/, /\nVolume Claims:\s+<none>\n/]],
    ['describe ds agent', [/^Name:\s+agent\n(Namespace:\s+\S+\n)?Selector:\s+app=agent\nNode-Selector:\s+absent=yes\n/, /\nDesired Number of Nodes Scheduled: 0\n/]],
    ['describe cj hourly', [/\nSchedule:\s+0 \* \* \* \*\nConcurrency Policy:\s+Allow\nSuspend:\s+True\nSuccessful Job History Limit:\s+3\nFailed Job History Limit:\s+1\n/]],
    ['describe job once', [/\nSelector:\s+batch.kubernetes.io\/controller-uid=\S+\n/, /\nParallelism:\s+1\nCompletions:\s+1\nCompletion Mode:\s+NonIndexed\nSuspend:\s+false\nBackoff Limit:\s+6\n/, /\nPods Statuses:\s+\d Active \(\d Ready\) \/ \d Succeeded \/ 0 Failed\n/]],
    ['describe svc web', [/^Name:\s+web\nNamespace:\s+\S+\nLabels:\s+<none>\nAnnotations:\s+<none>\nSelector:\s+app=web\nType:\s+NodePort\nIP Family Policy:\s+SingleStack\nIP Families:\s+IPv4\nIP:\s+10\.\S+\nIPs:\s+10\.\S+\nPort:\s+http\s+80\/TCP\nTargetPort:\s+80\/TCP\nNodePort:\s+http\s+3\d{4}\/TCP\nEndpoints:\s+10\.\S+:80\nSession Affinity:\s+None\nExternal Traffic Policy:\s+Cluster\nInternal Traffic Policy:\s+Cluster\nEvents:\s+<none>$/], { eventually: true }],
    ['describe ingress site', [/\nRules:\n {2}Host\s+Path\s+Backends\n {2}----\s+----\s+--------\n {2}site.example\s+\n\s+\/\s+web:80 \(10\.\S+:80\)\n/]],
    ['describe netpol closed', [/\nSpec:\n {2}PodSelector:\s+<none> \(Allowing the specific traffic to all pods in this namespace\)\n {2}Allowing ingress traffic:\n {4}To Port: <any> \(traffic allowed to all ports\)\n {4}From:\n {6}PodSelector: app=web\n {2}Not affecting egress traffic\n {2}Policy Types: Ingress$/]],
    ['describe cm settings', /^Name:\s+settings\n[^]*\nData\n====\ncolor:\n----\nblue\n\n+BinaryData\n====\n\nEvents:\s+<none>$/],
    ['describe secret password', [/\nType:\s+Opaque\n\nData\n====\nuser:\s+5 bytes$/]],
    ['describe pvc disk', [/\nStorageClass:\s+none\nStatus:\s+Pending\nVolume:\s+\n/, /\nVolumeMode:\s+Filesystem\nUsed By:\s+<none>\n/]],
    ['describe quota limits', /\nResource\s+Used\s+Hard\n--------\s+----\s+----\npods\s+\d\s+20$/, { eventually: true }],
    ['describe limits ranges', /\nType\s+Resource\s+Min\s+Max\s+Default Request\s+Default Limit\s+Max Limit\/Request Ratio\n----[^\n]*\nContainer\s+cpu\s+-\s+2\s+2\s+2\s+-$/],
    ['describe hpa web', [/\nReference:\s+Deployment\/web\nMetrics:\s+\( current \/ target \)\n {2}resource cpu on pods {2}\(as a percentage of request\):\s+<unknown> \/ 50%\nMin replicas:\s+1\nMax replicas:\s+3\n/]],
    ['describe pdb half', [/\nMax unavailable:\s+50%\nSelector:\s+app=none\nStatus:\n\s+Allowed disruptions:\s+0\n/]],
    ['describe role reader', /\nPolicyRule:\n {2}Resources\s+Non-Resource URLs\s+Resource Names\s+Verbs\n {2}---------[^\n]*\n {2}pods\s+\[\]\s+\[\]\s+\[get list\]$/],
    ['describe rolebinding readers', /\nRole:\n {2}Kind:\s+Role\n {2}Name:\s+reader\nSubjects:\n {2}Kind\s+Name\s+Namespace\n {2}----\s+----\s+---------\n {2}User\s+jane\s*$/],
    ['describe sa default', /^Name:\s+default\nNamespace:\s+\S+\nLabels:\s+<none>\nAnnotations:\s+<none>\nImage pull secrets:\s+<none>\n/],
    ['describe lease lock', [/\nAPI Version:\s+coordination.k8s.io\/v1\nKind:\s+Lease\n/, /\nSpec:\n {2}Holder Identity:\s+me\n {2}Lease Duration Seconds:\s+10\n/]],
    ['describe ns $ns', [/^Name:\s+\S+\nLabels:\s+kubernetes.io\/metadata.name=\S+\nAnnotations:\s+<none>\nStatus:\s+Active\n/, /\nResource Quotas\n {2}Name:\s+limits\n {2}Resource\s+Used\s+Hard\n/, /\nResource Limits\n Type\s+Resource\s+Min/]],
    ['describe endpointslices -l kubernetes.io/service-name=web', [/\nAddressType:\s+IPv4\nPorts:\n {2}Name\s+Port\s+Protocol\n {2}----\s+----\s+--------\n {2}http\s+80\s+TCP\nEndpoints:\n {2}- Addresses:\s+10\.\S+\n {4}Conditions:\n {6}Ready:\s+true\n/]],
    ['describe priorityclass system-node-critical', /\nValue:\s+2000001000\nGlobalDefault:\s+false\nPreemptionPolicy:\s+PreemptLowerPriority\n/],
    ['describe clusterrole view', [/^Name:\s+view\nLabels:\s+kubernetes.io\/bootstrapping=rbac-defaults\n/, /\n {2}configmaps\s+\[\]\s+\[\]\s+\[get list watch\]\n/]],
    ['describe crd none', 'Error from server (NotFound): customresourcedefinitions.apiextensions.k8s.io "none" not found', { fails: true }],
  );
});
