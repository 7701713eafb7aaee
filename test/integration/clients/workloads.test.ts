import { kubectlTest } from './support/kubectl.ts';

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: "nginx:1" }] }
`;

kubectlTest('rollout, scale and set', async (kubectl) => {
  kubectl.files({ 'web.yaml': WEB });
  await kubectl.rows(
    ['apply -f web.yaml', 'deployment.apps/web created'],
    ['rollout status deploy/web --timeout=30s', /deployment "web" successfully rolled out$/],
    ['get deploy web', /^NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\nweb\s+2\/2\s+2\s+2\s+[\dms]+$/],
    ['get deploy web -o wide', /AGE\s+CONTAINERS\s+IMAGES\s+SELECTOR\nweb .*\s+c\s+nginx:1\s+app=web$/],
    ['get rs', /^NAME\s+DESIRED\s+CURRENT\s+READY\s+AGE\nweb-\w+\s+2\s+2\s+2\s+[\dms]+$/],
    ['set image deploy/web c=nginx:2', 'deployment.apps/web image updated'],
    ['annotate deploy web kubernetes.io/change-cause=second', 'deployment.apps/web annotated'],
    ['rollout status deploy web --timeout=30s', /deployment "web" successfully rolled out$/],
    ['rollout history deploy web', /^deployment.apps\/web \nREVISION\s+CHANGE-CAUSE\n1\s+<none>\n2\s+second$/, { eventually: true }],
    ['rollout history deploy web --revision=1', [/^deployment.apps\/web with revision #1\nPod Template:\n {2}Labels:\tapp=web\n\tpod-template-hash=\w+\n/, /Image:\s+nginx:1\n/]],
    ['rollout undo deploy web', 'deployment.apps/web rolled back'],
    ['get deploy web -o jsonpath={.spec.template.spec.containers[0].image}', 'nginx:1'],
    ['rollout history deploy web', /REVISION\s+CHANGE-CAUSE\n2\s+second\n3\s+<none>$/, { eventually: true }],
    ['rollout undo deploy web --to-revision=9', 'error: unable to find specified revision 9 in history', { fails: true }],
    ['rollout undo deploy web --to-revision=3', /deployment.apps\/web skipped rollback \(current template already matches revision 3\)/],
    ['rollout pause deploy web', 'deployment.apps/web paused'],
    ['rollout pause deploy web', 'error: deployments.apps "web" is already paused', { fails: true }],
    ['rollout restart deploy web', "error: deployments.apps \"web\" can't restart paused deployment (run rollout resume first)", { fails: true }],
    ['rollout resume deploy web', 'deployment.apps/web resumed'],
    ['rollout restart deploy web', 'deployment.apps/web restarted'],
    ['rollout status deploy web --watch=false', /Waiting for deployment|successfully rolled out/],
    ['scale deploy web --replicas=3', 'deployment.apps/web scaled'],
    ['scale deploy web --replicas=4 --current-replicas=9', 'error: Expected replicas to be 9, was 3', { fails: true }],
    ['scale deploy web --replicas=4 --current-replicas=3 --timeout=10s', 'deployment.apps/web scaled'],
    ['scale deploy web --replicas=-1', 'error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0', { fails: true }],
    ['wait --for=jsonpath={.status.readyReplicas}=4 deploy/web --timeout=30s', 'deployment.apps/web condition met'],
    ['wait --for=condition=Available deploy --all --timeout=30s', 'deployment.apps/web condition met'],
    ['wait --for=condition=Odd deploy/web --timeout=1s', 'error: timed out waiting for the condition on deployments/web', { fails: true }],
    ['set env deploy/web COLOR=blue', 'deployment.apps/web env updated'],
    ['set env deploy/web --list', /# deployments\/web, container c\nCOLOR=blue|# Deployment web, container c\nCOLOR=blue/],
    ['set env deploy/web COLOR-', 'deployment.apps/web env updated'],
    ['set resources deploy web --limits=cpu=200m,memory=64Mi --requests=cpu=100m', 'deployment.apps/web resource requirements updated'],
    ['get deploy web -o jsonpath={.spec.template.spec.containers[0].resources}', '{"limits":{"cpu":"200m","memory":"64Mi"},"requests":{"cpu":"100m"}}'],
    ['create serviceaccount robot', 'serviceaccount/robot created'],
    ['set serviceaccount deploy web robot', 'deployment.apps/web serviceaccount updated'],
    ['create service clusterip web --tcp=80', 'service/web created'],
    ['set selector svc web tier=front', 'service/web selector updated'],
    ['create rolebinding readers --clusterrole=view --user=jane', 'rolebinding.rbac.authorization.k8s.io/readers created'],
    ['set subject rolebinding readers --group=team', 'rolebinding.rbac.authorization.k8s.io/readers subjects updated'],
    ['get rolebinding readers -o wide', /^NAME\s+ROLE\s+AGE\s+USERS\s+GROUPS\s+SERVICEACCOUNTS\nreaders\s+ClusterRole\/view\s+[\dms]+\s+jane\s+team/],
    ['events --for deployment/web', [/^LAST SEEN\s+TYPE\s+REASON\s+OBJECT\s+MESSAGE\n/, /Normal\s+ScalingReplicaSet\s+Deployment\/web\s+Scaled up replica set web-\w+ from 0 to 2/], { eventually: true }],
    ['get events --sort-by=.metadata.creationTimestamp', /^LAST SEEN\s+TYPE\s+REASON\s+OBJECT\s+MESSAGE\n/],
    ['get events --field-selector=involvedObject.kind=Pod,reason=Scheduled', /Normal\s+Scheduled\s+pod\/web-\S+\s+Successfully assigned \S+ to /, { eventually: true }],
  );
});

kubectlTest('delete in its modes, wait for deletion and debug', async (kubectl) => {
  kubectl.files({ 'web.yaml': WEB });
  await kubectl.rows(
    ['apply -f web.yaml', 'deployment.apps/web created'],
    ['wait --for=condition=Available deploy/web --timeout=30s', 'deployment.apps/web condition met'],
    ['delete deploy web --cascade=orphan', /^deployment.apps "web" deleted/],
    ['get rs -l app=web -o jsonpath={.items[*].metadata.ownerReferences}', '', { eventually: true }],
    ['get pods -l app=web --no-headers', /^web-\S+ .*\nweb-\S+ .*$/],
    ['delete rs -l app=web --cascade=foreground', /^replicaset.apps "web-\w+" deleted/],
    ['get pods -l app=web', 'No resources found in $ns namespace.'],
    ['apply -f web.yaml', 'deployment.apps/web created'],
    ['wait --for=create rs -l app=web --timeout=10s', /replicaset.apps\/web-\w+ condition met/],
    ['delete -f web.yaml --wait=false', /^deployment.apps "web" deleted/],
    ['wait --for=delete rs -l app=web --timeout=20s', /^(replicaset.apps\/web-\w+ condition met)?$/],
    ['delete -f web.yaml', 'Error from server (NotFound): error when deleting "web.yaml": deployments.apps "web" not found', { fails: true }],
    ['delete -f web.yaml --ignore-not-found', ''],
    ['run a --image=nginx --labels=x=y', 'pod/a created'],
    ['run b --image=nginx --labels=x=y', 'pod/b created'],
    ['run c --image=nginx --labels=x=z', 'pod/c created'],
    ['wait --for=condition=Ready pod --all --timeout=20s', /pod\/a condition met\npod\/b condition met\npod\/c condition met/],
    ['debug c --image=busybox --container=shell --attach=false', /^(--profile=legacy is deprecated.*)?$/],
    ['get pod c -o jsonpath={.spec.ephemeralContainers[0].name}/{.spec.ephemeralContainers[0].image}', 'shell/busybox'],
    ['debug c --image=busybox --copy-to=copy --attach=false', /^(--profile=legacy is deprecated.*)?$|^Defaulting debug container name to /],
    ['get pod copy -o jsonpath={.spec.containers[*].image}', 'nginx busybox'],
    ['delete pod a --dry-run=server', /^pod "a" deleted.* \(server dry run\)/],
    ['delete pods -l x=y', /^pod "a" deleted.*\npod "b" deleted/],
    ['delete pods --all --now', /^pod "c" deleted.*\npod "copy" deleted/],
    ['create configmap one', 'configmap/one created'],
    [`patch cm one --type=merge -p '{"metadata":{"finalizers":["clients.example/hold"]}}'`, 'configmap/one patched'],
    // When its time is over kubectl ends its watch, which it may then take for one that the server ended or that did not begin, and logs that.
    ['delete cm one --timeout=1s', /configmap "one" deleted.*\n(?:[IWE]\d{4} .*\n)*error: timed out waiting for the condition on configmaps\/one/, { fails: true }],
    ['get cm one -o jsonpath={.metadata.finalizers}{.metadata.deletionGracePeriodSeconds}', '["clients.example/hold"]0'],
    [`patch cm one --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'`, 'configmap/one patched'],
    ['wait --for=delete cm/one --timeout=5s', ''],
    ['delete cm absent', 'Error from server (NotFound): configmaps "absent" not found', { fails: true }],
    ['delete cm', 'error: resource(s) were provided, but no name was specified', { fails: true }],
    ['delete namespace default', 'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted', { fails: true }],
  );
});
