import { kubectlTest } from './support/kubectl.ts';

const deployment = (name: string, replicas: number, image = 'nginx:1'): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, labels: { app: ${name} } }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: c, image: "${image}" }] }
`;
const configMap = (name: string, data: string, labels?: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: ${name}${labels === undefined ? '' : `, labels: ${labels}`} }
data: ${data}
`;

kubectlTest('client-side apply, diff and edit', async (kubectl) => {
  kubectl.files({
    'web.yaml': deployment('web', 2), 'more.yaml': deployment('web', 3), 'none.yaml': deployment('web', 3, '').replace('image: ""', ''),
    'cm.yaml': configMap('one', '{ a: b, gone: soon }'), 'less.yaml': configMap('one', '{ a: c }'), 'unknown.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: odd }\ndatum: {}\n',
    'edit.sh': "#!/bin/sh\nsed -i 's/a: c/a: edited/' \"$1\"\n", 'spoil.sh': "#!/bin/sh\ngrep -q '^# ' \"$1\" && grep -q 'was not valid' \"$1\" && : > \"$1\" || sed -i 's/^data:/data: 7/;/^  a:/d' \"$1\"\n", 'nothing.sh': '#!/bin/sh\n',
  });
  await kubectl.rows(
    ['apply -f web.yaml', 'deployment.apps/web created'],
    ['apply -f web.yaml', 'deployment.apps/web unchanged'],
    ['diff -f web.yaml', ''],
    ['diff -f more.yaml', [/^diff -u -N /, /\n-  generation: 1\n\+  generation: 2\n/, /\n-  replicas: 2\n\+  replicas: 3\n/], { fails: true }],
    ['apply -f more.yaml --dry-run=server', 'deployment.apps/web configured (server dry run)'],
    ['apply -f more.yaml --dry-run=client', 'deployment.apps/web configured (dry run)'],
    ['get deploy web -o jsonpath={.spec.replicas}/{.metadata.generation}', '2/1'],
    ['apply -f more.yaml', 'deployment.apps/web configured'],
    ['get deploy web -o jsonpath={.spec.replicas}/{.metadata.generation}', '3/2'],
    ['apply -f none.yaml', /The Deployment "web" is invalid: spec.template.spec.containers\[0\].image: Required value/, { fails: true }],
    ['apply -f cm.yaml', 'configmap/one created'],
    ['apply -f less.yaml -o jsonpath={.data}', '{"a":"c"}'],
    ['apply view-last-applied cm one', [/annotations: \{\}/, /data:\n  a: c/]],
    ['annotate cm one note=kept', 'configmap/one annotated'],
    ['apply -f cm.yaml', 'configmap/one configured'],
    ["get cm one -o jsonpath={.data}{.metadata.annotations.note}", '{"a":"b","gone":"soon"}kept'],
    ['apply set-last-applied -f less.yaml', 'configmap/one configured'],
    ['apply -f less.yaml', 'configmap/one configured'],
    ['edit cm one', 'configmap/one edited', { env: { KUBE_EDITOR: './edit.sh' } }],
    ['get cm one -o jsonpath={.data.a}', 'edited'],
    ['edit cm one', 'Edit cancelled, no changes made.', { env: { KUBE_EDITOR: './nothing.sh' } }],
    ['edit cm one -o json --windows-line-endings=false', 'Edit cancelled, no changes made.', { env: { KUBE_EDITOR: './nothing.sh' } }],
    ['edit cm one', /invalid|cancelled|cannot unmarshal/i, { env: { KUBE_EDITOR: './spoil.sh' }, fails: true }],
    ['apply -f unknown.yaml', /Error from server \(BadRequest\): error when creating "unknown.yaml": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "datum"/, { fails: true }],
    ['apply -f unknown.yaml --validate=warn', [/configmap\/odd created/, /Warning: unknown field "datum"/]],
    ['apply -f unknown.yaml --validate=false', 'configmap/odd configured'],
    ['apply -f -', 'configmap/piped created', { stdin: configMap('piped', '{}') }],
    ['create configmap bare --from-literal=a=b', 'configmap/bare created'],
    ['apply -f -', [/configmap\/bare configured/, /Warning: resource configmaps\/bare is missing the kubectl.kubernetes.io\/last-applied-configuration annotation/], { stdin: configMap('bare', '{ a: c }') }],
  );
});

kubectlTest('server-side apply, managers and conflicts', async (kubectl) => {
  kubectl.files({ 'web.yaml': deployment('web', 2), 'more.yaml': deployment('web', 3), 'cm.yaml': configMap('one', '{ a: b }'), 'second.yaml': configMap('one', '{ c: d }') });
  await kubectl.rows(
    ['apply --server-side -f web.yaml', 'deployment.apps/web serverside-applied'],
    ['rollout status deployment/web --timeout=30s', /successfully rolled out/],
    ['diff --server-side -f web.yaml', '', { eventually: true }],
    ['diff --server-side -f more.yaml', /\n-  replicas: 2\n\+  replicas: 3\n/, { fails: true }],
    ['scale deploy web --replicas=5', 'deployment.apps/web scaled'],
    ['apply --server-side -f more.yaml', [/error: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps\/v1: .spec.replicas/, /Please review the fields above--they currently have other managers/], { fails: true }],
    ['apply --server-side -f more.yaml --force-conflicts', 'deployment.apps/web serverside-applied'],
    ['apply --server-side -f cm.yaml', 'configmap/one serverside-applied'],
    ['apply --server-side -f second.yaml --field-manager=other', 'configmap/one serverside-applied'],
    ["get cm one -o jsonpath={.data} --show-managed-fields", '{"a":"b","c":"d"}'],
    ["get cm one --show-managed-fields -o jsonpath={range.metadata.managedFields[*]}{.manager}:{.operation};{end}", 'kubectl:Apply;other:Apply;'],
    ['apply --server-side -f - --field-manager=other', 'configmap/one serverside-applied', { stdin: configMap('one', '{}') }],
    ['get cm one -o jsonpath={.data}', '{"a":"b"}'],
    ['apply --server-side --dry-run=server -f -', 'configmap/two serverside-applied (server dry run)', { stdin: configMap('two', '{}') }],
    ['get cm two', 'Error from server (NotFound): configmaps "two" not found', { fails: true }],
    // What was applied by the client goes over to the server: fields of the old manager too.
    ['apply -f -', 'configmap/moved created', { stdin: configMap('moved', '{ a: b, x: z }') }],
    ['apply --server-side -f -', 'configmap/moved serverside-applied', { stdin: configMap('moved', '{ a: b }') }],
    ['get cm moved -o jsonpath={.data}', '{"a":"b"}'],
    // Managers of one operation stand in the order of their times, of whole seconds.
    ['get cm moved --show-managed-fields -o jsonpath={.metadata.managedFields[*].manager}', /^(?:kubectl kubectl-last-applied|kubectl-last-applied kubectl)$/],
  );
});

kubectlTest('kustomize, apply -k and prune', async (kubectl) => {
  const kustomization = (resources: string): string => `resources: [${resources}]\nnamePrefix: my-\nlabels: [{ pairs: { part: $ns } }]\nconfigMapGenerator: [{ name: made, literals: [a=b] }]\n`;
  kubectl.files({
    'both/kustomization.yaml': kustomization('a.yaml, b.yaml'), 'both/a.yaml': configMap('a', '{ k: v }'), 'both/b.yaml': configMap('b', '{ k: v }'),
    'one/kustomization.yaml': kustomization('a.yaml'), 'one/a.yaml': configMap('a', '{ k: v }'),
    'set/a.yaml': configMap('left', '{ k: v }', '{ set: x }'), 'set/b.yaml': configMap('right', '{ k: v }', '{ set: x }'),
  });
  await kubectl.rows(
    ['kustomize both', [/name: my-a\n/, /name: my-b\n/, /name: my-made-\w+$/, /part: \S+\n/]],
    ['apply -k both', /^configmap\/my-a created\nconfigmap\/my-b created\nconfigmap\/my-made-\w+ created$/],
    ['apply -k one --prune -l part=$ns', [/configmap\/my-a unchanged/, /configmap\/my-b pruned/]],
    ['get cm -l part=$ns -o name', /^configmap\/my-a\nconfigmap\/my-made-\w+$/],
    ['apply -f set', 'configmap/left created\nconfigmap/right created'],
    ['apply -f set/a.yaml --prune -l set=x --prune-allowlist=core/v1/ConfigMap', 'configmap/left unchanged\nconfigmap/right pruned'],
    ['create configmap $ns-parent', 'configmap/$ns-parent created'],
    ['apply -f set --applyset=configmap/$ns-set --prune -n $ns', [/configmap\/left serverside-applied|configmap\/left unchanged|configmap\/left configured/], { env: { KUBECTL_APPLYSET: 'true' } }],
    ['apply -f set/a.yaml --applyset=configmap/$ns-set --prune -n $ns', [/configmap\/left unchanged/, /configmap\/right pruned/], { env: { KUBECTL_APPLYSET: 'true' } }],
    ['delete -k one', [/configmap "my-a" deleted/]],
  );
});

kubectlTest('patch in every type, label and annotate', async (kubectl) => {
  kubectl.files({ 'web.yaml': deployment('web', 1), 'patch.yaml': 'spec: { replicas: 2 }\n' });
  await kubectl.rows(
    ['apply -f web.yaml', 'deployment.apps/web created'],
    [`patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}'`, 'deployment.apps/web patched'],
    ['get deploy web -o jsonpath={.spec.template.spec.containers[*].name}', 'side c'],
    [`patch deploy web --type=strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","$patch":"delete"}]}}}}'`, 'deployment.apps/web patched'],
    [`patch deploy web --type=merge -p '{"spec":{"template":{"spec":{"containers":[{"name":"only","image":"nginx"}]}}}}'`, 'deployment.apps/web patched'],
    ['get deploy web -o jsonpath={.spec.template.spec.containers[*].name}', 'only'],
    [`patch deploy web --type=json -p '[{"op":"test","path":"/spec/replicas","value":1},{"op":"add","path":"/metadata/labels/new","value":"x"}]'`, 'deployment.apps/web patched'],
    [`patch deploy web --type=json -p '[{"op":"test","path":"/spec/replicas","value":9}]'`, 'The request is invalid: the server rejected our request due to an error in our request', { fails: true }],
    ['patch deploy web --patch-file patch.yaml', 'deployment.apps/web patched'],
    ['create configmap still --from-literal=a=b', 'configmap/still created'],
    [`patch cm still -p '{"data":{"a":"b"}}'`, 'configmap/still patched (no change)'],
    [`patch deploy web --subresource=scale --type=merge -p '{"spec":{"replicas":4}}'`, 'scale.autoscaling/web patched'],
    [`patch deploy web --subresource=status --type=merge -p '{"status":{"conditions":[{"type":"Odd","status":"True"}]}}'`, 'deployment.apps/web patched'],
    ['get deploy web --subresource=scale', /NAME\s+DESIRED\s+AVAILABLE\s+AGE\nweb\s+4\s+\d/],
    [`patch deploy web -p '{"spec":{"replicas":-1}}'`, 'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0', { fails: true }],
    [`patch deploy web -p '{"spec":{"selector":{"matchLabels":{"app":"other"}}}}'`, /The Deployment "web" is invalid: .*spec.selector: Invalid value: .*: field is immutable/s, { fails: true }],
    [`patch -f web.yaml --dry-run=server -p '{"spec":{"replicas":7}}' -o jsonpath={.spec.replicas}`, '7'],
    [`patch -f web.yaml --local -p '{"spec":{"replicas":8}}' -o jsonpath={.spec.replicas}`, '8'],
    ['label deploy web tier=front', 'deployment.apps/web labeled'],
    ['label deploy web tier=front', 'deployment.apps/web not labeled'],
    ['label deploy web tier=back', "error: 'tier' already has a value (front), and --overwrite is false", { fails: true }],
    ['label deploy web tier=back --overwrite', 'deployment.apps/web labeled'],
    ['label deploy --all tier-', 'deployment.apps/web unlabeled'],
    ['label deploy web bad/=x', /metadata.labels: Invalid value: "bad\/": name part must be non-empty/ , { fails: true }],
    ["label deploy web 'x=not valid'", /a valid label must be an empty string or consist of alphanumeric/, { fails: true }],
    ['label deploy web --list', [/^app=web$/m, /^new=x$/m]],
    ['label deploy -l app=web resource=yes --field-manager=me', 'deployment.apps/web labeled'],
    ['annotate deploy web note=a', 'deployment.apps/web annotated'],
    ['annotate deploy web note=b --overwrite --resource-version=1', /Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again/, { fails: true }],
    ['annotate deploy web note-', 'deployment.apps/web annotated'],
  );
});

kubectlTest('replace, also by force', async (kubectl) => {
  kubectl.files({ 'cm.yaml': configMap('one', '{ a: b }'), 'new.yaml': configMap('one', '{ c: d }'), 'stale.yaml': configMap('one', '{}').replace('name: one', 'name: one, resourceVersion: "1"'), 'pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: nginx }] }\n', 'moved.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { hostname: other, containers: [{ name: c, image: nginx }] }\n' });
  await kubectl.rows(
    ['replace -f cm.yaml', 'Error from server (NotFound): error when replacing "cm.yaml": configmaps "one" not found', { fails: true }],
    ['create -f cm.yaml --save-config', 'configmap/one created'],
    ['replace -f new.yaml', 'configmap/one replaced'],
    ['get cm one -o jsonpath={.data}', '{"c":"d"}'],
    ['replace -f stale.yaml', 'Error from server (Conflict): error when replacing "stale.yaml": Operation cannot be fulfilled on configmaps "one": the object has been modified; please apply your changes to the latest version and try again', { fails: true }],
    ['replace -f cm.yaml --dry-run=server', 'configmap/one replaced (server dry run)'],
    ['create -f pod.yaml', 'pod/p created'],
    ['replace -f moved.yaml', /The Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other than/, { fails: true }],
    ['replace --force -f moved.yaml --grace-period=0', [/pod "p" (force )?deleted/, /pod\/p replaced/]],
    ['get pod p -o jsonpath={.spec.hostname}', 'other'],
    ['replace -f moved.yaml --subresource=status', 'pod/p replaced'],
  );
});
