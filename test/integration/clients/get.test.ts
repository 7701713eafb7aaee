import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { waitFor } from '#test/support/wait.ts';
import { kubectlTest } from './support/kubectl.ts';

const gadgets = (plural: string): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.clients.example }
spec:
  group: clients.example
  scope: Namespaced
  names: { plural: ${plural}, singular: ${plural.slice(0, -1)}, kind: ${plural[0]?.toUpperCase()}${plural.slice(1, -1)}, shortNames: [${plural.slice(0, -1)}x], categories: [${plural}-and-more] }
  versions:
    - name: v1
      served: true
      storage: true
      additionalPrinterColumns: [{ name: Size, type: integer, jsonPath: .spec.size }, { name: Color, type: string, jsonPath: .spec.color, priority: 1 }, { name: Age, type: date, jsonPath: .metadata.creationTimestamp }]
      subresources: { status: {}, scale: { specReplicasPath: .spec.size, statusReplicasPath: .status.size } }
      selectableFields: [{ jsonPath: .spec.color }]
      schema:
        openAPIV3Schema:
          type: object
          description: A gadget of the clients' tests.
          required: [spec]
          properties:
            spec:
              type: object
              description: What is wanted.
              required: [size]
              properties: { size: { type: integer, minimum: 0, description: How large it is. }, color: { type: string, default: red, enum: [red, blue] }, parts: { type: array, items: { type: object, properties: { name: { type: string } } } } }
            status: { type: object, properties: { size: { type: integer } } }
`;

kubectlTest('get in every form', async (kubectl) => {
  await kubectl.rows(
    ['get pods', 'No resources found in $ns namespace.'],
    ['create configmap b --from-literal=k=2', 'configmap/b created'],
    ['create configmap a --from-literal=k=1 --from-literal=l=2', 'configmap/a created'],
    ['create configmap c', 'configmap/c created'],
    ['label cm a b tier=x', 'configmap/a labeled\nconfigmap/b labeled'],
    ['run one --image=nginx --labels=app=one', 'pod/one created'],
    ['wait --for=condition=Ready pod/one --timeout=20s', 'pod/one condition met'],
    ['get pods', /^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\none\s+1\/1\s+Running\s+0\s+[\dms]+$/],
    ['get pods -o wide', /^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE\s+NOMINATED NODE\s+READINESS GATES\none\s+1\/1\s+Running\s+0\s+[\dms]+\s+10\.\S+\s+\S+\s+<none>\s+<none>$/],
    ['get pods --show-labels', /LABELS\none .*app=one,topology\.kubernetes\.io\/zone=zone-\d+$/],
    ['get pods -L app', /APP\none .*one$/],
    ['get pods -o name', 'pod/one'],
    ['get pods -A --field-selector=metadata.namespace=$ns,status.phase=Running -o name', 'pod/one'],
    ['get pods --field-selector=spec.nodeName=none', 'No resources found in $ns namespace.'],
    ['get pods --field-selector=spec.color=red', /Error from server \(BadRequest\): Unable to find "\/v1, Resource=pods" that match label selector "", field selector "spec.color=red": "spec.color" is not a known field selector: only "metadata.name", "metadata.namespace"|field label not supported: spec.color/, { fails: true }],
    ['get cm -l tier=x --sort-by=.data.k -o custom-columns=NAME:.metadata.name,K:.data.k,L:.data.l', /^NAME\s+K\s+L\na\s+1\s+2\nb\s+2\s+<none>$/],
    ['get cm -l tier=x --sort-by={.metadata.name} --no-headers', /^a\s+2\s+[\dms]+\nb\s+1\s+[\dms]+$/],
    ["get cm -l 'tier in (x,y)' -o jsonpath={.items[*].metadata.name}", 'a b'],
    ["get cm -l '!tier' -o name", 'configmap/c\nconfigmap/kube-root-ca.crt'],
    ["get cm -l 'tier in x'", /unable to parse requirement|Error from server/, { fails: true }],
    ["get cm a -o go-template={{.data.k}}", '1'],
    ['get cm a -o yaml', [/^apiVersion: v1\ndata:\n {2}k: "1"\n {2}l: "2"\nkind: ConfigMap\nmetadata:\n {2}creationTimestamp: "/, /\n {2}labels:\n {4}tier: x\n {2}name: a\n {2}namespace: \S+\n {2}resourceVersion: "\d+"\n {2}uid: \S+$/]],
    ['get cm a --show-managed-fields -o yaml', [/managedFields:\n {2}- apiVersion: v1\n {4}fieldsType: FieldsV1\n {4}fieldsV1:\n {6}f:data:\n {8}\.: \{\}\n {8}f:k: \{\}/, /manager: kubectl-create\n {4}operation: Update/]],
    ['get cm a b -o json', /"kind": "List"/],
    ['get cm --chunk-size=1 -o name', 'configmap/a\nconfigmap/b\nconfigmap/c\nconfigmap/kube-root-ca.crt'],
    ['get cm,pods -l app=one', /^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\npod\/one/],
    ['get cm/a pod/one -o name', 'configmap/a\npod/one'],
    ['get cm a absent --ignore-not-found -o name', 'configmap/a'],
    ['get cm absent', 'Error from server (NotFound): configmaps "absent" not found', { fails: true }],
    ['get gizmos', 'error: the server doesn\'t have a resource type "gizmos"', { fails: true }],
    ['get ns $ns --output-watch-events --watch-only --request-timeout=1', /^$/],
    ['get --raw /api/v1/namespaces/$ns/configmaps/a?pretty=1', /"name": "a"/],
    ['get --raw /api/v1/namespaces/$ns/configmaps/absent', 'Error from server (NotFound): configmaps "absent" not found', { fails: true }],
    ['create --raw /api/v1/namespaces/$ns/configmaps -f -', /"name":"raw"/, { stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"raw"}}' }],
    ['delete --raw /api/v1/namespaces/$ns/configmaps/raw', /"status":"Success"/],
    ['get nodes', /^NAME\s+STATUS\s+ROLES\s+AGE\s+VERSION\n\S+\s+Ready\s+\S+\s+\S+\s+v1\.\d+/],
    ['get nodes -o wide', /INTERNAL-IP\s+EXTERNAL-IP\s+OS-IMAGE\s+KERNEL-VERSION\s+CONTAINER-RUNTIME\n/],
    ['get ns $ns', /^NAME\s+STATUS\s+AGE\n\S+\s+Active\s+[\dms]+$/],
    ['get sa', /^NAME\s+(SECRETS\s+)?AGE\ndefault\s+/],
    ['get --raw /version', /"gitVersion": ?"v1\.36/],
    ['version', [/Server Version: v1\.36/]],
    ['top pods', 'error: Metrics API not available', { fails: true }],
  );
});

kubectlTest('get --watch shows changes as they come', async (kubectl) => {
  const program = kubectl.program;
  const watching = spawn(program, ['get', 'cm', '--watch-only', '--output-watch-events', '-l', 'seen=yes'], { cwd: kubectl.directory, env: { ...process.env, KUBECONFIG: join(kubectl.directory, 'kubeconfig'), HOME: kubectl.directory } });
  kubectl.t.teardown(() => void watching.kill());
  let output = '';
  watching.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  // A watch that begins after the change does not show it: the change is made again until it is seen.
  await waitFor(async () => {
    await kubectl.output('delete cm one --ignore-not-found');
    await kubectl.output('create cm one --from-literal=a=b --dry-run=client -o yaml').then((yaml) => kubectl.output('create -f -', { stdin: yaml.replace('name: one', 'name: one\n  labels: { seen: "yes" }') }));
    return output.includes('ADDED');
  }, { what: 'the watch to show the new object', timeoutMs: 20_000 });
  await kubectl.output('label cm one seen-');
  await waitFor(() => /DELETED\s+one/.test(output.slice(output.lastIndexOf('ADDED'))), { what: 'the watch to show that the object left the selection' });
  // Its first event may be the deletion of an object that was there before it.
  kubectl.t.regex(output, /^EVENT\s+NAME\s+DATA\s+AGE\n(?:DELETED\s+one\s.*\n)?ADDED\s+one\s+1\s+[\dms]+\n/);
});

kubectlTest('a custom resource is listed, explained, selected and scaled', async (kubectl) => {
  const plural = `g${kubectl.namespace.slice(-3).replaceAll(/\d/g, (d) => 'abcdefghij'[Number(d)] ?? '')}gets`;
  const kind = `${plural[0]?.toUpperCase()}${plural.slice(1, -1)}`;
  const gadget = (name: string, spec: string): string => `apiVersion: clients.example/v1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
  kubectl.files({ 'crd.yaml': gadgets(plural), 'one.yaml': gadget('one', '{ size: 2, color: blue }'), 'two.yaml': gadget('two', '{ size: 1 }'), 'wrong.yaml': gadget('wrong', '{ size: -1, color: green, odd: 1 }') });
  await kubectl.rows(
    ['apply -f crd.yaml', `customresourcedefinition.apiextensions.k8s.io/${plural}.clients.example created`],
    [`wait --for=condition=Established crd/${plural}.clients.example --timeout=20s`, `customresourcedefinition.apiextensions.k8s.io/${plural}.clients.example condition met`],
    ['apply -f one.yaml -f two.yaml', `${plural.slice(0, -1)}.clients.example/one created\n${plural.slice(0, -1)}.clients.example/two created`],
    ['apply -f one.yaml', `${plural.slice(0, -1)}.clients.example/one unchanged`],
    [`get ${plural}`, /^NAME\s+SIZE\s+AGE\none\s+2\s+[\dms]+\ntwo\s+1\s+[\dms]+$/],
    [`get ${plural} -o wide`, /^NAME\s+SIZE\s+COLOR\s+AGE\none\s+2\s+blue\s+[\dms]+\ntwo\s+1\s+red\s+[\dms]+$/],
    [`get ${plural.slice(0, -1)}x one -o name`, `${plural.slice(0, -1)}.clients.example/one`],
    [`get ${plural} --field-selector=spec.color=blue -o name`, `${plural.slice(0, -1)}.clients.example/one`],
    [`get ${plural}-and-more -o name`, new RegExp(`${plural.slice(0, -1)}.clients.example/one\n`)],
    [`scale ${plural} one --replicas=5`, `${plural.slice(0, -1)}.clients.example/one scaled`],
    [`get ${plural} one -o jsonpath={.spec.size}/{.metadata.generation}`, '5/2'],
    [`patch ${plural} one --type=merge -p '{"spec":{"color":"red"}}'`, `${plural.slice(0, -1)}.clients.example/one patched`],
    [`patch ${plural} one -p '{"spec":{"color":"red"}}'`, /application\/strategic-merge-patch\+json is not supported by clients.example\/v1|the body of the request was in an unknown format/, { fails: true }],
    [`patch ${plural} one --subresource=status --type=merge -p '{"status":{"size":3}}'`, `${plural.slice(0, -1)}.clients.example/one patched`],
    [`wait --for=jsonpath={.status.size}=3 ${plural}/one --timeout=5s`, `${plural.slice(0, -1)}.clients.example/one condition met`],
    ['apply -f wrong.yaml', [/strict decoding error: unknown field "spec.odd"/], { fails: true }],
    ['apply -f wrong.yaml --validate=ignore', [new RegExp(`The ${kind} "wrong" is invalid: `), /\* spec.size: Invalid value: -1: spec.size in body should be greater than or equal to 0/, /\* spec.color: Unsupported value: "green": supported values: "red", "blue"/], { fails: true }],
    [`explain ${plural}`, [new RegExp(`^GROUP:\\s+clients.example\nKIND:\\s+${kind}\nVERSION:\\s+v1\n\nDESCRIPTION:\n    A gadget of the clients' tests.`), /FIELDS:\n {2}apiVersion\t<string>\n/, /\n {2}spec\t<Object> -required-\n {4}What is wanted\./]],
    [`explain ${plural} --recursive`, [/\n {2}spec\t<Object> -required-\n {4}color\t<string>\n {4}enum: red, blue\n {4}parts\t<\[\]Object>\n {6}name\t<string>\n {4}size\t<integer> -required-\n/]],
    [`explain ${plural}.spec.size`, /FIELD: size <integer>\n\n(\n)?DESCRIPTION:\n    How large it is./],
    [`describe ${plural} one`, [/^Name:\s+one\nNamespace:\s+\S+\nLabels:\s+<none>\nAnnotations:\s+<none>\nAPI Version:\s+clients.example\/v1\nKind:/, /\nSpec:\n {2}Color:\s+red\n {2}Size:\s+5\nStatus:\n {2}Size:\s+3\nEvents:\s+<none>$/]],
    [`delete crd ${plural}.clients.example`, `customresourcedefinition.apiextensions.k8s.io "${plural}.clients.example" deleted`],
    [`get ${plural}`, /the server doesn't have a resource type|Error from server \(NotFound\): Unable to list "clients.example\/v1, Resource=\w+": the server could not find the requested resource/, { fails: true }],
  );
});

kubectlTest('explain and the lists of what there is', async (kubectl) => {
  await kubectl.rows(
    ['explain pod', [/^KIND:\s+Pod\nVERSION:\s+v1\n\nDESCRIPTION:\n {4}Pod is a collection of containers that can run on a host\./, /\n {2}spec\t<PodSpec>\n {4}Specification of the desired behavior of the pod\./, /\n {2}metadata\t<ObjectMeta>\n {4}Standard object's metadata\./]],
    ['explain pod.spec', [/DESCRIPTION:\n {4}Specification of the desired behavior of the pod\.[^]*\n {4}PodSpec is a description of a pod\./, /\n {2}activeDeadlineSeconds\t<integer>\n {4}Optional duration in seconds the pod may be active on the node relative to/, /\n {2}containers\t<\[\]Container> -required-\n {4}List of containers belonging to the pod\./]],
    ['explain pod --recursive', [/\nDESCRIPTION:\n {4}Pod is a collection of containers/, /\n {4}containers\t<\[\]Container> -required-\n/, /\n {6}imagePullPolicy\t<string>\n {6}enum: Always, IfNotPresent, Never\n/]],
    ['explain --output=plaintext-openapiv2 deployment.spec.strategy', [/DESCRIPTION:\n {5}The deployment strategy to use to replace existing pods with new ones\./, /\n {3}rollingUpdate\t<Object>\n {5}Rolling update config params\./]],
    ['explain --output=plaintext-openapiv2 --recursive svc.spec', [/DESCRIPTION:\n {5}Spec defines the behavior of a service\./, /\n {3}sessionAffinityConfig\t<Object>\n {6}clientIP\t<Object>\n {9}timeoutSeconds\t<integer>/]],
    ['explain roles.rules.verbs', /DESCRIPTION:\n {4}Verbs is a list of Verbs that apply to ALL the ResourceKinds contained in\n {4}this rule\. '\*' represents all verbs\./],
    ['explain apiservices.spec.service', /DESCRIPTION:\n {4}Service is a reference to the service for this API server\. {2}It must\n {4}communicate on port 443\./],
    ['explain deployment.spec.template.spec.containers --recursive', [/^GROUP:\s+apps\nKIND:\s+Deployment\nVERSION:\s+v1\n\nFIELD: containers <\[\]Container>\n/, /\n {2}name\t<string> -required-\n/, /\n {2}ports\t<\[\]ContainerPort>\n {4}containerPort\t<integer> -required-\n/]],
    ['explain pods.spec.restartPolicy', /FIELD: restartPolicy <string>\nENUM:\n {4}Always\n {4}Never\n {4}OnFailure\n\n\s*DESCRIPTION:\n {4}Restart policy for all containers within the pod\.[^]*\n {5}- `"OnFailure"`/],
    ['explain hpa --api-version=autoscaling/v1', /^GROUP:\s+autoscaling\nKIND:\s+HorizontalPodAutoscaler\nVERSION:\s+v1\n/],
    ['explain pod.spec.absent', /error: field "absent" does not exist$/, { fails: true }],
    ['explain gizmo', /the server doesn't have a resource type "gizmo"/, { fails: true }],
    ['explain crd.spec.versions.schema.openAPIV3Schema', /FIELD: openAPIV3Schema <JSONSchemaProps>/],
    ['api-resources', [/^NAME\s+SHORTNAMES\s+APIVERSION\s+NAMESPACED\s+KIND\n/, /\nbindings\s+v1\s+true\s+Binding\n/, /\nendpoints\s+ep\s+v1\s+true\s+Endpoints\n/, /\ncronjobs\s+cj\s+batch\/v1\s+true\s+CronJob\n/, /\nselfsubjectreviews\s+authentication.k8s.io\/v1\s+false\s+SelfSubjectReview\n/, /\nvolumeattributesclasses\s+vac\s+storage.k8s.io\/v1\s+false\s+VolumeAttributesClass/]],
    ['api-resources -o wide --api-group=apps --no-headers --sort-by=name', [/^controllerrevisions\s+apps\/v1\s+true\s+ControllerRevision\s+create,delete,deletecollection,get,list,patch,update,watch/, /statefulsets\s+sts\s+apps\/v1\s+true\s+StatefulSet\s+\S+\s+all$/]],
    ['api-resources --namespaced=false --verbs=list -o name --categories=api-extensions', [/customresourcedefinitions.apiextensions.k8s.io/, /mutatingwebhookconfigurations.admissionregistration.k8s.io/, /apiservices.apiregistration.k8s.io/]],
    ['api-versions', [/^admissionregistration.k8s.io\/v1\n/, /\nautoscaling\/v1\nautoscaling\/v2\nbatch\/v1\n/, /\nv1$/]],
    ['cluster-info', /Kubernetes control plane.* is running at .*https:\/\/127.0.0.1:\d+/],
    ['cluster-info dump --output-directory=dump', 'Cluster info dumped to dump'],
    ['options', /The following options can be passed to any command/],
    ['events', 'No events found in $ns namespace.'],
  );
});
